package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.commit;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.grant.Assignments;
import dev.sheaf.pageserver.log.MemoryShardLog;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.testkit.coordination.SeveredCoordination;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An owner that stands still at the worst place for three times its lease, while another one takes
 * over, and then goes on: nothing that it does by then may count.
 */
final class ZombieOwnerTest {
  private static final long LEASE_MILLIS = 3_000;
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);
  private static final Map<Long, Long> OF_BOTH_OWNERS = Map.of(1L, 1L, 2L, 2L);

  @TempDir Path scratch;

  /** Compacts when it is asked to, deletes at once. */
  private static final PageServerConfig SWEEPING =
      new PageServerConfig(
          1L << 30,
          4L << 30,
          4096,
          2,
          1L << 20,
          10_000,
          300_000,
          0,
          new CompactionSettings(2, 8, 1 << 20, 1 << 20, 1 << 20, 1, 0.3, 0.3, 4, 0));

  private Harness harness;
  private SeveredCoordination way;
  private final AtomicLong aheadNanos = new AtomicLong();
  private Runnable atDraw = () -> {};
  private Runnable atAppend = () -> {};
  private PageServer zombie;
  private PageServer successor;
  private Timestamp before;

  private long zombieNanos() {
    return System.nanoTime() + aheadNanos.get();
  }

  private Deadline soon() {
    return Deadline.after(zombieNanos(), 20_000);
  }

  @BeforeEach
  void ownAndCommit() {
    harness = new Harness(scratch);
    // What is read must come from the object store: that is where a read can be made to stand
    // still.
    try (PageServer first = harness.start()) {
      commit(first, now(first), write(WriteKind.PUT, 1, 1));
    }
    way = new SeveredCoordination(harness.coordination, this::zombieNanos);
    var lease = new NodeLease(way, LEASE_MILLIS, this::zombieNanos);
    zombie = new PageServer(zombiePorts(), SWEEPING, lease, Assignments.ALL);
    before = zombie.snapshot(SHARD, soon()).timestamp();
  }

  private PageServerPorts zombiePorts() {
    return new PageServerPorts(
        way,
        harness.objects,
        new SegmentStore(harness.objects, new BlockCache(16L << 20), scratch.resolve("zombie")),
        this::stoppable,
        id -> true,
        "zombie",
        () -> {
          once(atDraw, () -> atDraw = () -> {});
          return System.currentTimeMillis();
        },
        this::zombieNanos,
        Thread::startVirtualThread);
  }

  private static void once(Runnable stop, Runnable disarm) {
    disarm.run();
    stop.run();
  }

  private ShardLog stoppable(ShardId shard) {
    var log = new MemoryShardLog(harness.log(shard));
    return (ShardLog)
        Proxy.newProxyInstance(
            ShardLog.class.getClassLoader(),
            new Class<?>[] {ShardLog.class},
            (proxy, method, args) -> {
              if (method.getName().equals("propose")) {
                once(atAppend, () -> atAppend = () -> {});
              }
              try {
                return method.invoke(log, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Three leases pass; another owner takes over and commits. */
  private void standStill() {
    way.cut();
    way.expireLeases();
    successor = harness.start();
    commit(successor, now(successor), write(WriteKind.PUT, 2, 2));
    aheadNanos.addAndGet(3 * LEASE_MILLIS * 1_000_000L);
    way.heal();
  }

  private void standStillBefore(String call) {
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String name, String key) {
            if (name.equals(call)) {
              harness.objects.faults = new FaultyObjects.Faults() {};
              standStill();
            }
          }
        };
  }

  private static ErrorCode codeOf(Runnable call) {
    SheafException error = catchThrowableOfType(SheafException.class, call::run);
    assertThat(error).as("it was accepted").isNotNull();
    return error.code();
  }

  private void put(long key) {
    zombie.commit(
        new CommitRequest(
            SHARD, Harness.id(), before, List.of(write(WriteKind.PUT, key, key)), List.of()),
        soon());
  }

  private void load(long key) {
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    var request = new BulkRequest(SHARD, Harness.id(), before, TABLE, columns, List.of(), true);
    try (var load = zombie.beginBulk(request, soon())) {
      byte[] bytes = key(key);
      load.append(
          Batch.of(
              new Vec[] {
                Vec.BytesVec.of(bytes, new int[] {0}, new int[] {bytes.length}, null, 1),
                new Vec.LongVec(new long[] {key}, null, 1)
              },
              1),
          soon());
      load.commit(soon());
    }
  }

  /** Where it stands still, what it was about to do, and the answer to that. */
  private enum Place {
    READ_OF_A_SEGMENT(
        ErrorCode.CANNOT_CONNECT_NOW,
        test -> test.standStillBefore("getRange"),
        test -> test.zombie.get(SHARD, test.before, List.of(key(1)), test.soon())),
    DRAW_OF_A_SNAPSHOT(
        ErrorCode.CANNOT_CONNECT_NOW,
        test -> test.atDraw = test::standStill,
        test -> test.zombie.snapshot(SHARD, test.soon())),
    DRAW_FOR_A_COMMIT(
        ErrorCode.CANNOT_CONNECT_NOW, test -> test.atDraw = test::standStill, test -> test.put(7)),
    APPEND_OF_A_COMMIT(
        ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
        test -> test.atAppend = test::standStill,
        test -> test.put(7)),
    DRAW_FOR_A_LOAD(
        ErrorCode.CANNOT_CONNECT_NOW, test -> test.atDraw = test::standStill, test -> test.load(7)),
    APPEND_OF_A_LOAD(
        ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
        test -> test.atAppend = test::standStill,
        test -> test.load(7)),
    BEFORE_A_COMMIT(ErrorCode.CANNOT_CONNECT_NOW, ZombieOwnerTest::standStill, test -> test.put(7)),
    BEFORE_A_READ(
        ErrorCode.CANNOT_CONNECT_NOW,
        ZombieOwnerTest::standStill,
        test -> test.zombie.get(SHARD, test.before, List.of(key(1)), test.soon())),
    BEFORE_A_VIEW(
        ErrorCode.CANNOT_CONNECT_NOW,
        ZombieOwnerTest::standStill,
        test ->
            test.zombie
                .openView(new ReadRequest(SHARD, test.before, ALL, List.of()), test.soon())
                .close()),
    BEFORE_A_CATALOG_VERSION(
        ErrorCode.CANNOT_CONNECT_NOW,
        ZombieOwnerTest::standStill,
        test -> test.zombie.catalogVersionAt(SHARD, test.before, test.soon())),
    APPEND_OF_AN_ABORT(
        ErrorCode.CANNOT_CONNECT_NOW,
        test -> test.atAppend = test::standStill,
        test -> test.zombie.status(SHARD, Harness.id(), test.soon())),
    BEFORE_AN_OUTCOME(
        ErrorCode.CANNOT_CONNECT_NOW,
        ZombieOwnerTest::standStill,
        test -> test.zombie.status(SHARD, Harness.id(), test.soon()));

    private final ErrorCode answer;
    private final Consumer<ZombieOwnerTest> arm;
    private final Consumer<ZombieOwnerTest> act;

    Place(ErrorCode answer, Consumer<ZombieOwnerTest> arm, Consumer<ZombieOwnerTest> act) {
      this.answer = answer;
      this.arm = arm;
      this.act = act;
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingOfItIsAccepted(Place place) {
    place.arm.accept(this);
    assertThat(codeOf(() -> place.act.accept(this))).isEqualTo(place.answer);
    assertThat(successor).as("it did not stand still").isNotNull();

    assertThat(codeOf(() -> put(8))).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
    assertThat(codeOf(() -> zombie.snapshot(SHARD, soon())))
        .isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
    Timestamp after = now(successor);
    assertThat(after).isGreaterThan(before);
    assertThat(harness.scan(successor, after, ALL)).isEqualTo(OF_BOTH_OWNERS);

    // Once it is the owner again, in a term of its own, it answers again.
    successor.close();
    commit(zombie, zombie.snapshot(SHARD, soon()).timestamp(), write(WriteKind.PUT, 3, 3));
    assertThat(harness.scan(zombie, zombie.snapshot(SHARD, soon()).timestamp(), ALL))
        .isEqualTo(Map.of(1L, 1L, 2L, 2L, 3L, 3L));
  }

  /** Segments, and the manifest itself: it is put under the old term, which never wins. */
  @ParameterizedTest
  @ValueSource(strings = {"put", "putFile", "putIfAbsent"})
  void noManifestOfItCounts(String call) {
    put(4);
    standStillBefore(call);
    zombie.release(SHARD, soon());
    if (successor == null) {
      // This flush makes no such call.
      assertThat(call).isEqualTo("put");
      return;
    }
    Map<Long, Long> expected = Map.of(1L, 1L, 2L, 2L, 4L, 4L);
    assertThat(harness.scan(successor, now(successor), ALL)).isEqualTo(expected);
    // With what the log has, and with what the successor published: both ways the same.
    successor.abandon();
    PageServer third = harness.start();
    assertThat(harness.scan(third, now(third), ALL)).isEqualTo(expected);
    third.close();
    PageServer fourth = harness.start();
    assertThat(harness.scan(fourth, now(fourth), ALL)).isEqualTo(expected);
    fourth.close();
  }

  /** Commits that the quorum confirmed are told so, lease or not: the successor has them all. */
  @Test
  void whatWaitsForTheLogIsUnknownWhenAnotherOwnerCame() throws Exception {
    harness.log(SHARD).holdCommits();
    var outcome = new CompletableFuture<ErrorCode>();
    Thread.startVirtualThread(() -> outcome.complete(codeOf(() -> put(5))));
    while (harness.log(SHARD).recordCount() < 1) {
      Thread.onSpinWait();
    }
    way.cut();
    way.expireLeases();
    successor = harness.start();
    Timestamp snapshot = now(successor);
    harness.log(SHARD).releaseCommits();
    assertThat(outcome.get()).isEqualTo(ErrorCode.STATEMENT_COMPLETION_UNKNOWN);
    // The record was in the log before the successor won it, so it counts; for everybody.
    assertThat(harness.scan(successor, snapshot, ALL)).isEqualTo(Map.of(1L, 1L, 5L, 5L));
  }

  @Test
  void withoutTheStoreItAnswersUntilItsLeaseEndsAndAgainWhenItIsBack() {
    way.cut();
    assertThat(zombie.get(SHARD, before, List.of(key(1)), soon())).hasSize(1);
    aheadNanos.addAndGet((LEASE_MILLIS + 1) * 1_000_000L);
    assertThatThrownBy(() -> put(6)).isInstanceOf(SheafException.class);
    assertThatThrownBy(() -> zombie.get(SHARD, before, List.of(key(1)), soon()))
        .isInstanceOf(SheafException.class);
    way.expireLeases();
    way.heal();
    put(6);
    assertThat(harness.scan(zombie, zombie.snapshot(SHARD, soon()).timestamp(), ALL))
        .isEqualTo(Map.of(1L, 1L, 6L, 6L));
  }

  /**
   * A manifest that comes late looks like the newest; the successor has begun at the one before.
   */
  @Test
  @Timeout(60)
  void aSweepDeletesNothingThatTheSuccessorBeganWith() throws InterruptedException {
    put(3);
    zombie.flush(SHARD, soon());
    var hangs = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    Thread sweeper = Thread.currentThread();
    Thread job = Thread.ofVirtual().unstarted(() -> zombie.compact(SHARD, soon()));
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            try {
              if (call.equals("putIfAbsent") && Thread.currentThread() == job) {
                hangs.countDown();
                goOn.await();
              } else if (call.equals("list") && Thread.currentThread() == sweeper) {
                harness.objects.faults = new FaultyObjects.Faults() {};
                standStill();
                goOn.countDown();
                job.join();
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    job.start();
    hangs.await();
    zombie.maintain();
    assertThat(zombie.storeTotals().compactions()).isEqualTo(1);
    assertThat(harness.scan(successor, now(successor), KeyRange.ofTable(TABLE)))
        .isEqualTo(Map.of(1L, 1L, 2L, 2L, 3L, 3L));
  }
}
