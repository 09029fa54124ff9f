package dev.sheaf.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A control plane with a database, which may end at any moment and be started anew. */
abstract class ShopControl {
  static final DatabaseName SHOP = new DatabaseName("shop");
  static final DatabaseName DEV = new DatabaseName("shop@dev");
  static final long DAY = 86_400_000L;
  static final int MANY = 1_000;

  /** A process that ends in the middle: nothing in it may be caught. */
  static final class Crash extends Error {
    static final long serialVersionUID = 1L;
  }

  final AtomicLong aheadNanos = new AtomicLong();
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final Coordination coordination = EmbeddedCoordination.inMemory(System::nanoTime, threads);
  final RecordingShardHost host = new RecordingShardHost();
  Process process = new Process();
  DatabaseRecord shop;

  /** What a process has in memory. */
  final class Process {
    final DatabaseRegistry registry =
        new DatabaseRegistry(
            coordination,
            () -> Instant.EPOCH,
            System::nanoTime,
            new Random(ThreadLocalRandom.current().nextLong()),
            MANY + 1,
            soon());
    final DatabaseLifecycle lifecycle =
        new DatabaseLifecycle(registry, host, threads, () -> System.nanoTime() + aheadNanos.get());
    final Branches branches = new Branches(registry, lifecycle, host, Duration.ofDays(7));
  }

  static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  void restart() {
    process.registry.close();
    host.open.clear();
    process = new Process();
  }

  /** Lets passes do what is left to be done. */
  void finish() {
    for (int i = 0; i < 4; i++) {
      aheadNanos.addAndGet(60_000_000_000L);
      process.lifecycle.pass();
    }
  }

  @BeforeEach
  void createShop() {
    host.millis.set(30 * DAY);
    process.lifecycle.create(SHOP, Optional.empty(), soon());
    shop = process.registry.require(SHOP);
  }

  @AfterEach
  void close() {
    process.registry.close();
    coordination.close();
    threads.close();
  }

  DatabaseRecord branch(DatabaseName parent, String name) {
    return process.branches.create(parent, name, Optional.empty(), soon()).database();
  }

  static void assertFails(ErrorCode code, String part, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.message()).contains(part);
            });
  }

  /** Nothing waits, nothing is stored of what is gone, everything has what it came from. */
  void checkWhole() {
    assertThat(process.lifecycle.waiting()).isEmpty();
    List<DatabaseRecord> all = process.registry.registered();
    assertThat(all)
        .allSatisfy(each -> {
          assertThat(each.state()).isEqualTo(DatabaseState.READY);
          assertThat(each.takeover()).isEmpty();
        });
    assertThat(host.stored)
        .isEqualTo(all.stream().map(DatabaseRecord::rootShard).collect(Collectors.toSet()));
    assertThat(all.stream().filter(DatabaseRecord::isBackup).map(DatabaseRecord::rootShard))
        .as("nobody opens a backup")
        .doesNotContainAnyElementsOf(host.open);
    var ids = all.stream().map(DatabaseRecord::id).collect(Collectors.toSet());
    for (DatabaseRecord each : all) {
      each.origin().ifPresent(origin -> assertThat(ids).contains(origin.parent()));
    }
  }
}
