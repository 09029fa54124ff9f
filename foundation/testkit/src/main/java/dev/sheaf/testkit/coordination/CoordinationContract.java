package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The guarantees of {@link Coordination}, run against each adapter by a subclass in its tests. */
public abstract class CoordinationContract {
  private static final int PATIENCE_SECONDS = 20;

  protected Coordination facts;

  /** A store without entries; called once a test. */
  protected abstract Coordination open();

  /** The clock by which the store's leases are judged. */
  protected long nanoTime() {
    return System.nanoTime();
  }

  @BeforeEach
  void openStore() {
    facts = open();
  }

  @AfterEach
  void closeStore() {
    facts.close();
  }

  protected final void put(String key, String value) {
    assertThat(facts.commit(List.of(), List.of(Change.put(key, value)))).isTrue();
  }

  protected final long revisionOf(String key) {
    return facts.get(key).map(Entry::modRevision).orElse(0L);
  }

  @Test
  void listsByPrefixInOrder() {
    put("shards/b", "2");
    put("shards/a", "1");
    put("shards/ä", "3");
    put("shard", "no");
    put("shardz", "no");

    assertThat(facts.list("shards/"))
        .extracting(Entry::key, Entry::value)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("shards/a", "1"),
            org.assertj.core.groups.Tuple.tuple("shards/b", "2"),
            org.assertj.core.groups.Tuple.tuple("shards/ä", "3"));
    assertThat(facts.get("shards/c")).isEmpty();
  }

  @Test
  void changesNothingUnlessAllConditionsHold() {
    put("a", "1");
    put("b", "1");
    long a = revisionOf("a");
    long b = revisionOf("b");
    assertThat(b).isGreaterThan(a).isPositive();

    var half = List.of(new Condition("a", a), new Condition("b", b + 7));
    assertThat(facts.commit(half, List.of(Change.put("a", "2"), Change.put("b", "2")))).isFalse();
    assertThat(facts.get("a").orElseThrow().value()).isEqualTo("1");

    var all = List.of(new Condition("a", a), new Condition("b", b), new Condition("c", 0));
    assertThat(
            facts.commit(
                all, List.of(Change.put("a", "2"), Change.delete("b"), Change.put("c", "1"))))
        .isTrue();
    assertThat(facts.get("a").orElseThrow().value()).isEqualTo("2");
    assertThat(facts.get("b")).isEmpty();
    assertThat(revisionOf("a")).isEqualTo(revisionOf("c")).isGreaterThan(b);
    assertThat(facts.commit(List.of(new Condition("c", 0)), List.of(Change.delete("c")))).isFalse();
  }

  @Test
  void exactlyOneOfSeveralRacersWins() throws Exception {
    put("grant", "0");
    int racers = 8;
    try (var threads = Executors.newFixedThreadPool(racers)) {
      for (int round = 0; round < 20; round++) {
        long seen = revisionOf("grant");
        var attempts = new ArrayList<Callable<Boolean>>();
        for (int racer = 0; racer < racers; racer++) {
          String value = round + "/" + racer;
          attempts.add(() ->
              facts.commit(
                  List.of(new Condition("grant", seen)), List.of(Change.put("grant", value))));
        }
        int winners = 0;
        for (var outcome : threads.invokeAll(attempts)) {
          winners += outcome.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
      }
    }
  }

  @Test
  void entriesVanishWithTheirLease() {
    Lease lease = facts.grantLease(10_000);
    Lease other = facts.grantLease(10_000);
    assertThat(lease.id()).isNotEqualTo(other.id());
    assertThat(
            facts.commit(
                List.of(),
                List.of(
                    new Change("mine", "1", lease),
                    new Change("kept", "1", lease),
                    new Change("theirs", "1", other))))
        .isTrue();
    put("kept", "2");

    lease.close();
    lease.close();

    assertThat(facts.list("")).extracting(Entry::key).containsExactly("kept", "theirs");
    assertThatThrownBy(() -> facts.commit(List.of(), List.of(new Change("late", "1", lease))))
        .isInstanceOf(SheafException.class);
    assertThat(facts.get("late")).isEmpty();
    other.close();
    assertThat(facts.get("theirs")).isEmpty();
  }

  @Test
  void aCommitOfNothingComparesItsConditions() {
    put("a", "1");
    long a = revisionOf("a");

    assertThat(facts.commit(List.of(new Condition("a", a), new Condition("b", 0)), List.of()))
        .isTrue();
    assertThat(facts.commit(List.of(new Condition("a", a + 1)), List.of())).isFalse();
    assertThat(facts.commit(List.of(), List.of())).isTrue();
    assertThat(revisionOf("a")).isEqualTo(a);
  }

  @Test
  void refusesWhatItCannotKeepAndChangesNothing() {
    String longest = "ä".repeat(32 * 1024);
    put("longest", longest);
    assertThat(facts.get("longest").orElseThrow().value()).isEqualTo(longest);

    assertThatThrownBy(() ->
            facts.commit(List.of(), List.of(Change.put("a", "1"), Change.put("b", longest + "x"))))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PROGRAM_LIMIT_EXCEEDED));
    assertThatThrownBy(
            () -> facts.commit(List.of(), List.of(Change.put("a", "1"), Change.delete("a"))))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE));
    assertThat(facts.list("")).extracting(Entry::key).containsExactly("longest");
  }

  @Test
  void aLeaseHoldsAtMostForItsLengthAndNotOnceClosed() {
    Lease lease = facts.grantLease(10_000);
    long left = lease.validUntilNanos() - nanoTime();
    assertThat(left).isBetween(1L, 10_000_000_000L);

    lease.close();

    assertThat(lease.validUntilNanos() - nanoTime()).isNotPositive();
  }

  @Test
  void aWatchSeesThePresentThenEveryChangeInOrder() throws Exception {
    put("w/1", "old");
    put("x", "other");
    BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    try (AutoCloseable watch = facts.watch("w/", events::add)) {
      assertThat(watch).isNotNull();
      put("w/2", "new");
      Lease lease = facts.grantLease(10_000);
      facts.commit(List.of(), List.of(new Change("w/3", "leased", lease), Change.delete("w/1")));
      lease.close();
      for (int i = 0; i < 100; i++) {
        put("w/busy", Integer.toString(i));
      }
      put("w/last", "1");

      assertThat(follow(events))
          .isEqualTo(new TreeMap<>(Map.of("w/2", "new", "w/busy", "99", "w/last", "1")));
    }
    put("w/after", "1");
    put("y", "1");
    assertThat(events).isEmpty();
  }

  @Test
  void aWatchWhoseListenerLagsEndsUpWithThePresent() throws Exception {
    var busy = new CountDownLatch(1);
    BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    Consumer<WatchEvent> slow =
        event -> {
          events.add(event);
          awaitQuietly(busy);
        };
    try (AutoCloseable watch = facts.watch("w/", slow)) {
      assertThat(watch).isNotNull();
      String value = "x".repeat(5_000);
      for (int round = 0; round < 30; round++) {
        var changes = new ArrayList<Change>();
        for (int i = 0; i < 50; i++) {
          changes.add(Change.put("w/" + i, round + value));
        }
        assertThat(facts.commit(List.of(), changes)).isTrue();
      }
      assertThat(facts.commit(List.of(), List.of(Change.delete("w/0"), Change.put("w/last", "1"))))
          .isTrue();

      busy.countDown();

      var expected = new TreeMap<String, String>();
      facts.list("w/").forEach(e -> expected.put(e.key(), e.value()));
      assertThat(expected).hasSize(50);
      assertThat(follow(events)).isEqualTo(expected);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a listener knows once it has heard of "w/last"; checks the order on the way. */
  protected static TreeMap<String, String> follow(BlockingQueue<WatchEvent> events)
      throws InterruptedException {
    var copy = new TreeMap<String, String>();
    WatchEvent next = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).isInstanceOf(WatchEvent.Snapshot.class);
    long revision = 0;
    while (true) {
      revision = checkOrder(next, revision);
      replay(next, copy);
      if (copy.containsKey("w/last")) {
        return copy;
      }
      next = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(next).as("the watch fell silent at %s", copy.keySet()).isNotNull();
    }
  }

  private static long checkOrder(WatchEvent event, long revision) {
    return switch (event) {
      case WatchEvent.Snapshot snapshot ->
          snapshot.entries().stream().mapToLong(Entry::modRevision).reduce(revision, Math::max);
      case WatchEvent.Put put -> {
        assertThat(put.entry().modRevision()).isGreaterThanOrEqualTo(revision);
        yield put.entry().modRevision();
      }
      case WatchEvent.Delete delete -> revision;
    };
  }

  private static void replay(WatchEvent event, TreeMap<String, String> copy) {
    switch (event) {
      case WatchEvent.Snapshot snapshot -> {
        copy.clear();
        snapshot.entries().forEach(e -> copy.put(e.key(), e.value()));
      }
      case WatchEvent.Put put -> copy.put(put.entry().key(), put.entry().value());
      case WatchEvent.Delete delete -> copy.remove(delete.key());
    }
  }
}
