package dev.sheaf.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.reconcile.DatabaseLifecycle.Creation;
import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseLifecycleTest {
  private static final DatabaseName SHOP = new DatabaseName("shop");

  /** A process that ends in the middle: nothing in it may be caught. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final AtomicLong aheadNanos = new AtomicLong();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Coordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, threads);
  private final RecordingShardHost host = new RecordingShardHost();
  private Process process = new Process();

  /** What a process has in memory. */
  private final class Process {
    final DatabaseRegistry registry =
        new DatabaseRegistry(
            coordination,
            () -> Instant.EPOCH,
            System::nanoTime,
            new Random(ThreadLocalRandom.current().nextLong()),
            10,
            soon());
    final DatabaseLifecycle lifecycle =
        new DatabaseLifecycle(registry, host, threads, () -> System.nanoTime() + aheadNanos.get());

    DatabaseStatus create() {
      return ((Creation.Created) lifecycle.create(SHOP, Optional.empty(), soon())).status();
    }
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private void restart() {
    process.registry.close();
    host.open.clear();
    process = new Process();
  }

  @AfterEach
  void close() {
    process.registry.close();
    coordination.close();
    threads.close();
  }

  @Test
  void createsServesAndDeletes() {
    DatabaseStatus shop = process.create();

    assertThat(shop.database().state()).isEqualTo(DatabaseState.READY);
    assertThat(shop.operations())
        .extracting(Operation::status)
        .containsExactly(Operation.Status.FINISHED);
    assertThat(host.open).containsExactly(shop.database().rootShard());
    assertThat(process.registry.byName("shop").orElseThrow().ready()).isTrue();

    restart();
    assertThat(process.registry.byName("shop").orElseThrow().ready()).isFalse();
    assertThat(process.lifecycle.waiting()).hasSize(1);
    process.lifecycle.pass();
    assertThat(process.registry.byName("shop").orElseThrow().ready()).isTrue();
    assertThat(process.lifecycle.waiting()).isEmpty();

    DatabaseStatus deleted = process.lifecycle.delete(SHOP, soon());
    assertThat(deleted.operations())
        .extracting(Operation::status)
        .containsExactly(Operation.Status.FINISHED);
    assertThat(host.stored).isEmpty();
    assertThatThrownBy(() -> process.lifecycle.get(SHOP))
        .satisfies(
            e -> assertThat(((SheafException) e).code()).isEqualTo(ErrorCode.INVALID_CATALOG_NAME));
  }

  /** Whatever the moment, the next process ends where the request wanted to go. */
  @ParameterizedTest
  @CsvSource({"create,before", "create,after", "delete,before", "delete,after"})
  void aCrashInTheMiddleIsTakenUpAtStart(String request, String moment) {
    boolean deleting = request.equals("delete");
    if (deleting) {
      process.create();
    }
    AtomicReference<Throwable> fault = moment.equals("before") ? host.faultBefore : host.faultAfter;
    fault.set(new Crash());

    BiConsumer<DatabaseLifecycle, DatabaseName> call =
        deleting
            ? (lifecycle, name) -> lifecycle.delete(name, soon())
            : (lifecycle, name) -> lifecycle.create(name, Optional.empty(), soon());
    assertThatThrownBy(() -> call.accept(process.lifecycle, SHOP)).isInstanceOf(Crash.class);
    if (deleting) {
      assertThat(process.registry.byName("shop")).as("sessions are refused").isEmpty();
    }
    restart();
    process.lifecycle.pass();

    if (deleting) {
      assertThat(host.stored).isEmpty();
      assertThat(process.registry.registered()).isEmpty();
      assertThat(process.create().database().state()).isEqualTo(DatabaseState.READY);
    } else {
      assertThat(process.registry.byName("shop").orElseThrow().ready()).isTrue();
    }
  }

  @Test
  void whatFailsIsTriedAgainAfterAPause() {
    host.faultBefore.set(new SheafException(ErrorCode.CANNOT_CONNECT_NOW, "no quorum"));
    DatabaseStatus shop = process.create();

    assertThat(shop.database().state()).isEqualTo(DatabaseState.CREATING);
    assertThat(shop.operations())
        .containsExactly(
            new Operation(
                "create-" + shop.database().id(),
                Operation.Action.CREATE_DATABASE,
                Operation.Status.RUNNING,
                1,
                Optional.of("no quorum")));
    process.lifecycle.pass();
    assertThat(process.lifecycle.waiting()).as("not due yet").hasSize(1);

    aheadNanos.addAndGet(1_000_000_000L);
    host.faultBefore.set(new IllegalStateException("a defect"));
    process.lifecycle.pass();
    assertThat(process.lifecycle.get(SHOP).operations())
        .extracting(Operation::failures)
        .containsExactly(2);

    aheadNanos.addAndGet(2_000_000_000L);
    process.lifecycle.pass();
    assertThat(process.lifecycle.get(SHOP).operations()).isEmpty();
    assertThat(process.registry.byName("shop").orElseThrow().ready()).isTrue();
  }
}
