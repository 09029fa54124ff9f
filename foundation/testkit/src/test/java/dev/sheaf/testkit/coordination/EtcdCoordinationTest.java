package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.etcd.EtcdCluster;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract and what etcd adds to it, on one member that nobody disturbs. */
final class EtcdCoordinationTest extends CoordinationContract {
  private static EtcdCluster etcd;
  private static ExecutorService executor;
  private static int stores;

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

  @Override
  protected Coordination open() {
    return connect("test-" + ++stores, executor);
  }

  private static Coordination connect(String namespace, ExecutorService tasks) {
    return connect(namespace, tasks, Duration.ofSeconds(15));
  }

  private static Coordination connect(
      String namespace, ExecutorService tasks, Duration operationTimeout) {
    var settings =
        EtcdSettings.of(etcd.endpoints(), namespace)
            .withTimeouts(Duration.ofSeconds(2), operationTimeout);
    return EtcdCoordination.connect(settings, System::nanoTime, new Random(1), tasks);
  }

  @Test
  void namespacesDoNotSeeEachOther() {
    put("a", "1");
    try (Coordination same = connect("test-" + stores, executor);
        Coordination other = connect("test-" + stores + "0", executor)) {
      assertThat(same.list("")).isEqualTo(facts.list("")).hasSize(1);
      assertThat(other.list("")).isEmpty();
      assertThat(other.commit(List.of(new Condition("a", 0)), List.of(Change.put("a", "2"))))
          .isTrue();
      assertThat(facts.get("a")).isEqualTo(same.get("a"));
    }
  }

  @Test
  void listsMoreThanOnePageOfOneRevision() {
    var expected = new ArrayList<String>();
    for (int batch = 0; batch < 3; batch++) {
      var changes = new ArrayList<Change>();
      for (int i = 0; i < 100; i++) {
        String key = "k/%03d".formatted(100 * batch + i);
        expected.add(key);
        changes.add(Change.put(key, "x"));
      }
      assertThat(facts.commit(List.of(), changes)).isTrue();
    }
    assertThat(facts.list("k/")).extracting(Entry::key).containsExactlyElementsOf(expected);
  }

  @Test
  void takesAsManyChangesAsEtcdAndRefusesMore() {
    var changes = new ArrayList<Change>();
    var conditions = new ArrayList<Condition>();
    for (int i = 0; i < 127; i++) {
      changes.add(Change.put("k" + i, "1"));
      conditions.add(new Condition("k" + i, 0));
    }
    assertThat(facts.commit(conditions, changes)).isTrue();

    changes.add(Change.put("k127", "1"));

    assertCode(ErrorCode.PROGRAM_LIMIT_EXCEEDED, () -> facts.commit(List.of(), changes));
    String large = "x".repeat(60_000);
    assertCode(
        ErrorCode.PROGRAM_LIMIT_EXCEEDED,
        () ->
            facts.commit(
                List.of(),
                changes.stream().limit(30).map(c -> Change.put(c.key(), large)).toList()));
    assertThat(facts.get("k0").orElseThrow().value()).isEqualTo("1");
  }

  @Test
  void entriesOfADeadProcessVanishWithItsLease() throws Exception {
    var dying = Executors.newVirtualThreadPerTaskExecutor();
    Coordination process = connect("test-" + stores, dying, Duration.ofSeconds(3));
    Lease lease = process.grantLease(2_000);
    process.commit(List.of(), List.of(new Change("theirs", "1", lease)));
    Lease mine = facts.grantLease(10_000);
    facts.commit(List.of(), List.of(new Change("mine", "1", mine)));

    dying.shutdownNow();

    while (facts.get("theirs").isPresent()) {
      Thread.sleep(20);
    }
    // It was judged by the dead process itself before etcd gave up on it.
    assertThat(lease.validUntilNanos() - System.nanoTime()).isNotPositive();
    assertThat(mine.validUntilNanos() - System.nanoTime()).isPositive();
    assertThat(facts.get("mine")).isPresent();
    process.close();
  }

  @Test
  void sayWhenEtcdCannotBeReached() {
    var settings =
        EtcdSettings.of(List.of(URI.create("http://127.0.0.1:1")), "test")
            .withTimeouts(Duration.ofMillis(200), Duration.ofMillis(600));
    try (Coordination none =
        EtcdCoordination.connect(settings, System::nanoTime, new Random(1), executor)) {
      assertCode(ErrorCode.IO_ERROR, () -> none.get("a"));
      assertCode(ErrorCode.IO_ERROR, () -> none.list(""));
      assertCode(ErrorCode.IO_ERROR, () -> none.grantLease(1_000));
      assertCode(ErrorCode.IO_ERROR, () -> none.commit(List.of(), List.of(Change.put("a", "1"))));
    }
  }

  @Test
  void nothingIsAnsweredOnceClosed() {
    Lease lease = facts.grantLease(5_000);
    facts.commit(List.of(), List.of(new Change("leased", "1", lease)));
    facts.close();
    assertThat(lease.validUntilNanos() - System.nanoTime()).isNotPositive();
    assertCode(ErrorCode.IO_ERROR, () -> facts.get("a"));
    assertCode(ErrorCode.IO_ERROR, () -> facts.commit(List.of(), List.of(Change.delete("a"))));
    assertCode(ErrorCode.IO_ERROR, () -> facts.watch("", event -> {}));
    try (Coordination other = connect("test-" + stores, executor)) {
      assertThat(other.list("")).isEmpty();
    }
  }

  private static void assertCode(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).as(e.toString()).isEqualTo(code));
  }
}
