package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.commit;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.row;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a shard does when something around it fails, or comes at the worst moment. */
final class ShardFaultTest {
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);

  @TempDir Path scratch;

  @Test
  void aMemtableIsNotFrozenInTheMiddleOfACommit() {
    var state =
        new ShardState(
            Manifest.empty(SHARD),
            Map.of(),
            meta -> {
              throw new AssertionError("no segment is looked into");
            });
    state.replayed(record(1), new Lsn(10));
    var commit = InFlight.ofKeys(Harness.id(), Timestamp.MAX, List.of(key(2)), List.of());
    state.serving(order -> order.admit(commit));
    state.locked(() -> {
      state.order().order(commit, record(2));
      state.order().durable(commit, new Lsn(20));
      return state.order().nextToApply();
    });
    boolean frozen = state.locked(state::rotate);
    assertThat(frozen).isFalse();
    assertThat(state.isRotationDue()).isTrue();

    state.apply(commit.orderedRecord(), commit.durableEnd());
    state.locked(() -> {
      state.order().applied(commit);
      return true;
    });
    boolean frozenAfterwards = state.locked(state::rotate);
    assertThat(frozenAfterwards).isTrue();
    assertThat(state.tree().memtables().getLast().appliedTo()).isEqualTo(new Lsn(20));
    assertThat(state.tree().active().appliedTo()).isEqualTo(new Lsn(20));
  }

  private static ShardRecord record(long n) {
    return new ShardRecord.Commit(
        Harness.id(), new Timestamp(n), List.of(new ShardRecord.Write(key(n), row(n), true)));
  }

  /** The last flush publishes all that was applied: nothing may be applied beside it. */
  @Test
  void nothingCommitsBesideTheLastFlush() {
    var harness = new Harness(scratch);
    PageServer server = harness.start();
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    var load =
        server.beginBulk(
            new BulkRequest(SHARD, Harness.id(), now(server), TABLE, columns, List.of(), false),
            soon());
    load.append(
        Batch.of(
            new Vec[] {
              Vec.BytesVec.of(key(2), new int[] {0}, new int[] {key(2).length}, null, 1),
              new Vec.LongVec(new long[] {2}, null, 1)
            },
            1),
        soon());
    var late = new AtomicReference<SheafException>();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("putIfAbsent")) {
              harness.objects.faults = new FaultyObjects.Faults() {};
              try {
                load.commit(soon());
              } catch (SheafException e) {
                late.set(e);
              }
            }
          }
        };
    server.release(SHARD, soon());
    load.close();
    assertThat(late.get()).isNotNull();
    assertThat(late.get().code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 1L));
  }

  @Test
  void anErrorWhileACommitIsValidatedGivesItsLocksBack() {
    var harness = new Harness(scratch);
    PageServer first = harness.start();
    commit(first, now(first), write(WriteKind.PUT, 1, 1));
    first.close();
    PageServer server = harness.start();
    var failed = new AtomicBoolean();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("getRange") && failed.compareAndSet(false, true)) {
              throw new OutOfMemoryError("as if");
            }
          }
        };
    assertThatThrownBy(() -> commit(server, now(server), write(WriteKind.INSERT, 1, 2)))
        .satisfies(e -> assertThat(failed).isTrue());
    server.commit(
        new CommitRequest(
            SHARD, Harness.id(), now(server), List.of(write(WriteKind.PUT, 1, 3)), List.of()),
        Deadline.after(System.nanoTime(), 5_000));
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 3L));
  }

  @Test
  void anErrorWhileAShardIsOpenedIsAnAnswerAndNotForGood() {
    var harness = new Harness(scratch);
    PageServer server = harness.start();
    var failed = new AtomicBoolean();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("list") && failed.compareAndSet(false, true)) {
              throw new OutOfMemoryError("as if");
            }
          }
        };
    assertThatThrownBy(() -> server.snapshot(SHARD, Deadline.after(System.nanoTime(), 5_000)))
        .hasMessageContaining("as if");
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "DISK_FULL",
        "CONFIGURATION_LIMIT_EXCEEDED",
        "PROGRAM_LIMIT_EXCEEDED",
        "READ_ONLY_SQL_TRANSACTION"
      })
  void whatTheLogRefusesDoesNotEndTheOwnership(ErrorCode code) throws Exception {
    var harness = new Harness(scratch);
    PageServer server = harness.start();
    Timestamp snapshot = now(server);
    harness.log(SHARD).holdCommits();
    var before = new CompletableFuture<Timestamp>();
    Thread.startVirtualThread(() -> {
      try {
        before.complete(commit(server, snapshot, write(WriteKind.PUT, 1, 1)).timestamp());
      } catch (RuntimeException e) {
        before.completeExceptionally(e);
      }
    });
    while (harness.log(SHARD).recordCount() < 1) {
      Thread.onSpinWait();
    }
    harness.log(SHARD).refuseAppends(new SheafException(code, "no room"));
    assertThatThrownBy(() -> commit(server, snapshot, write(WriteKind.PUT, 2, 2)))
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
    harness.log(SHARD).refuseAppends(null);
    harness.log(SHARD).releaseCommits();
    before.get(20, TimeUnit.SECONDS);
    commit(server, now(server), write(WriteKind.PUT, 2, 3));
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 1L, 2L, 3L));
  }

  @Test
  void oneShardThatCannotBeOpenedDoesNotKeepTheOthersOpen() throws Exception {
    var harness = new Harness(scratch);
    PageServer server = harness.start();
    var good = List.of(new ShardId(new DatabaseId("db"), 0), ShardId.root(new DatabaseId("db2")));
    good.forEach(shard -> server.snapshot(shard, soon()));
    var asked = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (key.startsWith("db/db3/")) {
              asked.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new SheafException(ErrorCode.IO_ERROR, "as if");
            }
          }
        };
    var opening =
        CompletableFuture.runAsync(
            () -> server.snapshot(ShardId.root(new DatabaseId("db3")), soon()));
    asked.await();
    var closing = CompletableFuture.runAsync(server::close);
    while (isOpen(server, good.getFirst())) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    assertThatThrownBy(() -> opening.get(20, TimeUnit.SECONDS)).hasMessageContaining("as if");
    closing.get(20, TimeUnit.SECONDS);
    PageServer next = harness.start();
    good.forEach(shard -> next.snapshot(shard, soon()));
    next.close();
  }

  /** A safekeeper that has not heard of the next owner would still obey this one. */
  @Test
  void anOwnerThatIsReplacedWhileItPublishesLetsNothingBeForgotten() {
    var harness = new Harness(scratch);
    PageServer server = harness.start();
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    server.release(SHARD, soon());
    assertThat(harness.log(SHARD).recordCount()).as("forgotten by the owner").isZero();

    commit(server, now(server), write(WriteKind.PUT, 2, 2));
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("putIfAbsent")) {
              change(harness, Change.put("shards/" + SHARD + "/grant", "99 another 99"));
            }
          }
        };
    server.release(SHARD, soon());
    assertThat(harness.log(SHARD).recordCount()).as("kept for the next owner").isEqualTo(1);
  }

  @Test
  void anOwnerThatIsReplacedWhileItOpensSaysSo() {
    var harness = new Harness(scratch);
    PageServer server = harness.start();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("list")) {
              harness.objects.faults = new FaultyObjects.Faults() {};
              change(harness, Change.delete("shards/" + SHARD + "/holder"));
              PageServer next = harness.start();
              commit(next, now(next), write(WriteKind.PUT, 1, 1));
              next.close();
            }
          }
        };
    assertThatThrownBy(() -> server.snapshot(SHARD, soon()))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW));
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 1L));
  }

  private static void change(Harness harness, Change change) {
    assertThat(harness.coordination.commit(List.of(), List.of(change))).isTrue();
  }

  private static boolean isOpen(PageServer server, ShardId shard) {
    try {
      server.snapshot(shard, soon());
      return true;
    } catch (SheafException e) {
      return e.code() != ErrorCode.ADMIN_SHUTDOWN;
    }
  }
}
