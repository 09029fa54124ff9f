package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.coordination.HoldingProxy.Mode;
import dev.sheaf.testkit.etcd.EtcdCluster;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A single etcd behind a bad network, and one that is killed. */
final class EtcdFaultsTest {
  private static final Duration SHORT = Duration.ofMillis(400);
  private static final Duration LONG = Duration.ofSeconds(15);

  private static EtcdCluster etcd;
  private static ExecutorService executor;
  private static int stores;

  private HoldingProxy proxy;
  private Coordination direct;

  @BeforeAll
  static void startEtcd(@TempDir Path folder) {
    etcd = EtcdCluster.start(folder, 1);
    executor = Executors.newVirtualThreadPerTaskExecutor();
  }

  @AfterAll
  static void stopEtcd() {
    if (etcd != null) {
      etcd.close();
      executor.close();
    }
  }

  @BeforeEach
  void openProxy() {
    stores++;
    URI endpoint = etcd.endpoints().getFirst();
    proxy = new HoldingProxy(endpoint);
    direct = connect(endpoint, LONG, LONG);
  }

  @AfterEach
  void closeProxy() {
    direct.close();
    proxy.close();
  }

  private static Coordination connect(URI endpoint, Duration call, Duration operation) {
    var settings =
        EtcdSettings.of(List.of(endpoint), "faults-" + stores).withTimeouts(call, operation);
    return EtcdCoordination.connect(settings, System::nanoTime, new Random(1), executor);
  }

  private static boolean put(Coordination facts, String key, String value) {
    return facts.commit(List.of(), List.of(Change.put(key, value)));
  }

  @Test
  void aCommitWhoseAnswerWasLostIsFoundOut() throws Exception {
    try (Coordination facts = connect(proxy.endpoint(), SHORT, LONG)) {
      put(facts, "a", "0");
      proxy.set(Mode.HOLD_ANSWERS);
      Future<Boolean> answer = executor.submit(() -> put(facts, "a", "1"));
      long written = awaitValue("a", "1");
      proxy.set(Mode.CUT);
      proxy.set(Mode.OPEN);

      assertThat(answer.get()).isTrue();
      assertThat(direct.get("a").orElseThrow().modRevision()).isEqualTo(written);
    }
  }

  private long awaitValue(String key, String value) throws InterruptedException {
    while (true) {
      var found = direct.get(key);
      if (found.isPresent() && found.get().value().equals(value)) {
        return found.get().modRevision();
      }
      Thread.sleep(5);
    }
  }

  @Test
  void aCommitThatCannotBeReadBackIsUnknown() {
    try (Coordination facts = connect(proxy.endpoint(), SHORT, SHORT.multipliedBy(2))) {
      put(facts, "a", "0");
      for (Mode hold : List.of(Mode.HOLD_ANSWERS, Mode.HOLD_REQUESTS)) {
        proxy.set(hold);
        assertThatThrownBy(() -> put(facts, "a", hold.name()))
            .isInstanceOfSatisfying(
                SheafException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_COMPLETION_UNKNOWN));
        assertThatThrownBy(() -> facts.get("a"))
            .isInstanceOfSatisfying(
                SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
        proxy.set(Mode.CUT);
        proxy.set(Mode.OPEN);
        assertThat(direct.get("a").orElseThrow().value()).isEqualTo(Mode.HOLD_ANSWERS.name());
        awaitReadable(facts);
      }
      assertThat(put(facts, "a", "2")).isTrue();
    }
  }

  private static void awaitReadable(Coordination facts) {
    while (true) {
      try {
        facts.get("a");
        return;
      } catch (SheafException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR);
      }
    }
  }

  @Test
  void commitsAreToldApartWhateverTheNetworkDoes() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    try (Coordination facts = connect(proxy.endpoint(), SHORT, Duration.ofSeconds(3));
        var tally = new Tally(facts, 4)) {
      tally.awaitMore(10);
      for (int round = 0; round < 5; round++) {
        Mode hold = random.nextBoolean() ? Mode.HOLD_ANSWERS : Mode.HOLD_REQUESTS;
        proxy.set(hold);
        Thread.sleep(random.nextInt(700));
        proxy.set(random.nextBoolean() ? Mode.CUT : Mode.OPEN);
        Thread.sleep(random.nextInt(100));
        proxy.set(Mode.OPEN);
        tally.awaitMore(1 + random.nextInt(10));
      }
      tally.stopAndCheck(direct);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  @Test
  void aWatchThatMissedChangesBeginsAnewAlthoughTheyAreForgotten() throws Exception {
    put(direct, "w/1", "1");
    var events = new LinkedBlockingQueue<WatchEvent>();
    var all = new CopyOnWriteArrayList<WatchEvent>();
    try (Coordination facts = connect(proxy.endpoint(), SHORT, LONG);
        AutoCloseable watch =
            facts.watch(
                "w/",
                event -> {
                  all.add(event);
                  events.add(event);
                })) {
      assertThat(watch).isNotNull();
      awaitSize(all, 1);
      put(direct, "w/2", "1");
      awaitSize(all, 2);
      proxy.set(Mode.CUT);
      direct.commit(List.of(), List.of(Change.delete("w/1"), Change.put("w/2", "2")));
      put(direct, "w/3", "1");
      etcd.compact();
      proxy.set(Mode.OPEN);
      put(direct, "w/last", "1");

      assertThat(CoordinationContract.follow(events))
          .isEqualTo(new TreeMap<>(Map.of("w/2", "2", "w/3", "1", "w/last", "1")));
      assertThat(all).filteredOn(WatchEvent.Snapshot.class::isInstance).hasSizeGreaterThan(1);
    }
  }

  private static void awaitSize(List<?> events, int size) throws InterruptedException {
    while (events.size() < size) {
      Thread.sleep(5);
    }
  }

  @Test
  void factsWatchesAndLeasesOutliveARestartOfEtcd() throws Exception {
    URI endpoint = etcd.endpoints().getFirst();
    var events = new LinkedBlockingQueue<WatchEvent>();
    try (Coordination facts = connect(endpoint, SHORT, LONG);
        AutoCloseable watch = facts.watch("w/", events::add);
        var tally = new Tally(facts, 2)) {
      assertThat(watch).isNotNull();
      Lease lease = facts.grantLease(4_000);
      facts.commit(List.of(), List.of(new Change("w/leased", "1", lease)));
      put(facts, "w/1", "1");
      List<Entry> before = facts.list("w/");
      tally.awaitMore(10);

      etcd.members().getFirst().kill();
      while (lease.validUntilNanos() - System.nanoTime() > 0) {
        Thread.sleep(5);
      }
      etcd.members().getFirst().start();
      etcd.awaitHealthy();

      assertThat(facts.list("w/")).isEqualTo(before);
      tally.awaitMore(10);
      put(facts, "w/last", "1");
      assertThat(CoordinationContract.follow(events))
          .isEqualTo(new TreeMap<>(Map.of("w/1", "1", "w/last", "1", "w/leased", "1")));
      // It did not count while it was down, so the lease was there all the time.
      while (lease.validUntilNanos() - System.nanoTime() <= 0) {
        Thread.sleep(5);
      }
      assertThat(facts.get("w/leased")).isPresent();
      tally.stopAndCheck(direct);
    }
  }
}
