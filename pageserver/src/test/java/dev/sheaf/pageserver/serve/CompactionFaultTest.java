package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What compaction and sweeps leave behind when something fails or happens in between. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CompactionFaultTest {
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);
  private static final PageServerConfig EAGER =
      new PageServerConfig(
          1L << 30,
          4L << 30,
          4096,
          2,
          1L << 20,
          10_000,
          300_000,
          0,
          new CompactionSettings(2, 8, 1 << 20, 1 << 20, 1 << 20, 1, 0.3, 4, 0));

  private static final Set<Fate> UNNEEDED =
      Set.of(Fate.DELETED, Fate.GRACE, Fate.VIEW, Fate.MANIFEST);
  private static final ShardId CHILD = ShardId.root(new DatabaseId("db1"));

  @TempDir Path scratch;
  private Harness harness;
  private PageServer server;
  private final TreeMap<Long, Long> rows = new TreeMap<>();

  private void start() {
    harness = new Harness(scratch);
    server = harness.start(EAGER);
  }

  @AfterEach
  void stop() {
    harness.objects.faults = new FaultyObjects.Faults() {};
    server.close();
  }

  private Timestamp put(long from, long to, long value) {
    Timestamp last = Timestamp.ZERO;
    for (long key = from; key < to; key++) {
      last =
          Harness.commit(server, Harness.now(server), Harness.write(WriteKind.PUT, key, value))
              .timestamp();
      rows.put(key, value);
    }
    return last;
  }

  private Timestamp delete(long key) {
    rows.remove(key);
    return Harness.commit(server, Harness.now(server), Harness.write(WriteKind.DELETE, key, 0))
        .timestamp();
  }

  private void flush() {
    server.release(SHARD, soon());
    server.open(SHARD, soon());
  }

  private void check() {
    assertThat(harness.scan(server, Harness.now(server), ALL)).isEqualTo(rows);
  }

  private List<Leftover> leftovers() {
    return server.planSweep(SHARD, soon()).leftovers();
  }

  /** What neither the present nor a branch needs, whether or not its time has come. */
  private Set<String> unneeded() {
    return leftovers().stream()
        .filter(each -> UNNEEDED.contains(each.fate()))
        .map(Leftover::objectKey)
        .collect(toSet());
  }

  private Map<String, Fate> fates() {
    return leftovers().stream().collect(toMap(Leftover::objectKey, Leftover::fate));
  }

  private Manifest newest() {
    return new ManifestStore(harness.objects, new ShardObjects(SHARD)).newest(Lsn.ZERO);
  }

  /** Everything that a manifest names must be there. */
  private void checkReferences() {
    var store = new ManifestStore(harness.objects, new ShardObjects(SHARD));
    for (String key : store.keys()) {
      Manifest manifest = store.read(key);
      for (SegmentMeta segment : manifest.segments()) {
        assertThat(harness.objects.size(segment.objectKey())).as(key).isPresent();
      }
      for (String deletes : manifest.deletes()) {
        assertThat(harness.objects.size(deletes)).as(key).isPresent();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"putFile", "put", "putIfAbsent", "getRange"})
  void aStepThatFailsBeforeOrAfterItsEffectLosesNothing(String step) {
    start();
    for (boolean before : new boolean[] {true, false}) {
      for (boolean crash : new boolean[] {true, false}) {
        put(0, 20, 1);
        flush();
        put(10, 30, 2);
        flush();
        long deleted = rows.firstKey();
        Timestamp gone = delete(deleted);
        flush();
        failOnce(step, before);
        server.compact(SHARD, soon());
        harness.objects.faults = new FaultyObjects.Faults() {};
        if (crash) {
          server.abandon();
          server = harness.start(EAGER);
        }
        check();
        put(40, 42, 3);
        flush();
        check();
        server.compact(SHARD, soon());
        server.maintain();
        server.maintain();
        check();
        checkReferences();
        assertThat(harness.scan(server, new Timestamp(gone.value() - 1), ALL)).containsKey(deleted);
      }
    }
  }

  private interface Wait {
    void run() throws InterruptedException;
  }

  private static void awaitOrEnd(Wait wait) {
    try {
      wait.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failOnce(String step, boolean before) {
    var left = new AtomicInteger(1);
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (before) {
              fail(call);
            }
          }

          @Override
          public void after(String call, String key) {
            if (!before) {
              fail(call);
            }
          }

          private void fail(String call) {
            if (call.equals(step) && left.getAndDecrement() == 1) {
              throw new SheafException(ErrorCode.IO_ERROR, "the store hiccuped");
            }
          }
        };
  }

  /**
   * @param whileItWaits the flush is still publishing when the job comes to install its outputs
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void rowsSupersededWhileAJobRunsStaySuperseded(boolean whileItWaits) throws InterruptedException {
    start();
    put(0, 40, 1);
    flush();
    put(20, 60, 2);
    flush();
    var once = new AtomicInteger(1);
    var seen = new HashSet<Timestamp>();
    var histories = new TreeMap<Timestamp, TreeMap<Long, Long>>();
    var flushes = new CountDownLatch(1);
    var uploaded = new AtomicBoolean();
    Thread job = Thread.ofPlatform().unstarted(() -> server.compact(SHARD, soon()));
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals("putFile") && Thread.currentThread() != job) {
              flushes.countDown();
              while (whileItWaits && !(uploaded.get() && job.getState() == Thread.State.WAITING)) {
                Thread.yield();
              }
            }
          }

          @Override
          public void after(String call, String key) {
            // The outputs are up, the manifest is not: now inputs change, in a manifest of a flush.
            if (call.equals("putFile") && once.getAndDecrement() == 1) {
              histories.put(put(5, 25, 3), new TreeMap<>(rows));
              histories.put(delete(30), new TreeMap<>(rows));
              histories.put(delete(50), new TreeMap<>(rows));
              seen.add(histories.lastKey());
              Thread flush = Thread.startVirtualThread(() -> server.flush(SHARD, soon()));
              awaitOrEnd(whileItWaits ? flushes::await : flush::join);
              uploaded.set(true);
            }
          }
        };
    job.start();
    job.join();
    assertThat(seen).hasSize(1);
    assertThat(server.storeTotals().compactions()).isPositive();
    check();
    histories.forEach(
        (at, expected) -> assertThat(harness.scan(server, at, ALL)).isEqualTo(expected));
    server.abandon();
    server = harness.start(EAGER);
    check();
    histories.forEach(
        (at, expected) -> assertThat(harness.scan(server, at, ALL)).isEqualTo(expected));
  }

  @Test
  void droppedTimesStayRefusedForOwnersWithOtherClocks() {
    start();
    Timestamp first = put(0, 10, 1);
    Timestamp second = put(0, 10, 2);
    Timestamp third = put(0, 10, 3);
    flush();
    harness.retention = new ReadableTimes(third, List.of(first));
    server.compact(SHARD, soon());
    assertThat(newest().readable()).isEqualTo(harness.retention);
    assertThat(newest().segments().stream().mapToLong(SegmentMeta::rows).sum()).isEqualTo(20);
    // A point that comes too late, and a window that is suddenly longer.
    harness.retention = ReadableTimes.EVERYTHING;
    for (int owner = 0; owner < 2; owner++) {
      assertThat(harness.scan(server, first, ALL).values()).containsOnly(1L);
      assertThat(harness.scan(server, third, ALL)).isEqualTo(rows);
      assertThatThrownBy(() -> harness.scan(server, second, ALL))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD))
          .hasMessageContaining("retention window begins at");
      assertThatThrownBy(() -> Harness.commit(server, first, Harness.write(WriteKind.PUT, 3, 4)))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD));
      server.abandon();
      server = harness.start(EAGER);
    }
  }

  @Test
  void sweepsKeepWhatViewsAndBranchesNeedAndDeleteTheRest() {
    start();
    put(0, 20, 1);
    flush();
    String orphan = new ShardObjects(SHARD).segment(newest().term(), 900);
    harness.objects.put(orphan, new byte[] {1});
    put(10, 30, 2);
    server.flush(SHARD, soon());
    var request = new ReadRequest(SHARD, Harness.now(server), ALL, List.of());
    Set<String> held = new HashSet<>();
    try (ReadView view = server.openView(request, soon())) {
      view.segments().stream().map(SegmentView::objectKey).forEach(held::add);
      server.compact(SHARD, soon());
      assertThat(unneeded()).contains(orphan).containsAll(held);
      server.maintain();
      server.maintain();
      assertThat(harness.objects.list("", "", 1000)).containsAll(held);
      assertThat(fates()).containsEntry(orphan, Fate.VIEW).containsValue(Fate.MANIFEST);
    }
    harness.references = (shard, keys) -> held.stream().collect(toMap(key -> key, key -> CHILD));
    assertThat(fates()).containsEntry(orphan, Fate.DELETED);
    assertThat(leftovers().stream().filter(each -> held.contains(each.objectKey())))
        .hasSameSizeAs(held)
        .allMatch(each -> each.fate() == Fate.BRANCH && CHILD.toString().equals(each.neededBy()));
    server.maintain();
    assertThat(harness.objects.list("", "", 1000)).containsAll(held).doesNotContain(orphan);
    check();
    checkReferences();
    harness.references = References.NONE;
    assertThat(unneeded()).containsAll(held);
    // Found by the listing of the next owner, once it has a manifest of its own.
    flush();
    server.maintain();
    assertThat(harness.objects.list("", "", 1000)).containsAll(held);
    put(50, 51, 1);
    server.flush(SHARD, soon());
    server.maintain();
    assertThat(harness.objects.list("", "", 1000)).doesNotContainAnyElementsOf(held);
    check();
    checkReferences();
  }

  @Test
  void aPlanSaysWhatHasToWaitAndWhy() {
    harness = new Harness(scratch);
    server = harness.start();
    put(0, 20, 1);
    flush();
    var keys = new ShardObjects(SHARD);
    String orphan = keys.segment(newest().term(), 900);
    String later = keys.deletes(new Term(newest().term().value() + 5), 1);
    harness.objects.put(orphan, new byte[7]);
    harness.objects.put(later, new byte[8]);
    assertThat(fates())
        .containsExactlyInAnyOrderEntriesOf(Map.of(orphan, Fate.NEW_OWNER, later, Fate.NEW_OWNER));
    put(0, 1, 2);
    String old = keys.manifest(newest().term(), newest().sequence());
    server.flush(SHARD, soon());
    server.maintain();
    assertThat(fates())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(orphan, Fate.GRACE, old, Fate.GRACE, later, Fate.IN_FLIGHT));
    assertThat(leftovers())
        .allMatch(each -> each.sizeBytes() > 0 && each.waitMillis() <= 900_000)
        .anyMatch(each -> each.sizeBytes() == 7 && each.waitMillis() > 0);
    assertThat(harness.objects.list("", "", 1000)).contains(orphan, later, old);
  }

  /** Segments and delete vectors, as long as no manifest and no commit names them yet. */
  @Test
  void uploadsOnTheirWayAreNoGarbage() {
    start();
    put(0, 20, 1);
    server.flush(SHARD, soon());
    Set<String> uploads = ConcurrentHashMap.newKeySet();
    Set<String> mistaken = ConcurrentHashMap.newKeySet();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void after(String call, String key) {
            if (new ShardObjects(SHARD).isData(key)) {
              uploads.add(key);
              unneeded().stream().filter(uploads::contains).forEach(mistaken::add);
            }
          }
        };
    put(10, 30, 2);
    server.flush(SHARD, soon());
    server.compact(SHARD, soon());
    long compactions = server.storeTotals().compactions();
    int before = uploads.size();
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    var bulk =
        new BulkRequest(SHARD, Harness.id(), Harness.now(server), TABLE, columns, List.of(), false);
    try (BulkLoad load = server.beginBulk(bulk, soon())) {
      for (long key = 100; key < 400; key++) {
        load.append(batch(key), soon());
        rows.put(key, 7L);
      }
      put(0, 10, 3);
      server.flush(SHARD, soon());
      load.commit(soon());
    }
    // Only the log names it yet.
    try (ReadView view =
        server.openView(new ReadRequest(SHARD, Harness.now(server), ALL, List.of()), soon())) {
      assertThat(view.segments().stream().map(SegmentView::objectKey))
          .isNotEmpty()
          .doesNotContainAnyElementsOf(unneeded());
    }
    // What was compacted away meanwhile is garbage for good.
    var named = new HashSet<>(newest().deletes());
    newest().segments().forEach(segment -> named.add(segment.objectKey()));
    mistaken.retainAll(named);
    assertThat(mistaken).isEmpty();
    assertThat(compactions).isPositive();
    assertThat(uploads.size() - before).isGreaterThan(2);
    check();
  }

  private static Batch batch(long n) {
    byte[] key = Harness.key(n);
    return Batch.of(
        new Vec[] {
          Vec.BytesVec.of(key, new int[] {0}, new int[] {key.length}, null, 1),
          new Vec.LongVec(new long[] {7}, null, 1)
        },
        1);
  }

  /** Whether it is there or not: the next owner may begin at it. */
  @Test
  void aManifestOfUnknownOutcomeKeepsWhatItNames() {
    start();
    put(0, 20, 1);
    flush();
    put(10, 30, 2);
    server.flush(SHARD, soon());
    failOnce("putIfAbsent", false);
    server.compact(SHARD, soon());
    harness.objects.faults = new FaultyObjects.Faults() {};
    List<String> before = namedBy(SHARD);
    server.maintain();
    server.maintain();
    check();
    checkReferences();
    assertThat(namedBy(SHARD)).isEqualTo(before);
    server.abandon();
    server = harness.start(EAGER);
    check();
    checkReferences();
  }

  @ParameterizedTest
  @CsvSource({"putFile, true", "putFile, false", "putIfAbsent, true", "putIfAbsent, false"})
  void aShardMovesWhileAJobHangs(String step, boolean publishes) throws InterruptedException {
    start();
    put(0, 20, 1);
    flush();
    put(10, 30, 2);
    flush();
    var hangs = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var once = new AtomicBoolean();
    harness.objects.faults =
        new FaultyObjects.Faults() {
          @Override
          public void before(String call, String key) {
            if (call.equals(step) && once.compareAndSet(false, true)) {
              hangs.countDown();
              awaitOrEnd(goOn::await);
            }
          }
        };
    PageServer former = server;
    Thread job = Thread.startVirtualThread(() -> former.compact(SHARD, soon()));
    hangs.await();
    put(25, 50, 3);
    former.handOver(SHARD, 100, Deadline.after(System.nanoTime(), 500));
    assertThat(job.isAlive()).isTrue();
    server = harness.start(EAGER);
    check();
    delete(27);
    if (publishes) {
      server.flush(SHARD, soon());
    }
    goOn.countDown();
    job.join();
    check();
    server.abandon();
    server = harness.start(EAGER);
    check();
    put(60, 61, 4);
    server.flush(SHARD, soon());
    server.compact(SHARD, soon());
    server.maintain();
    check();
    checkReferences();
    assertThat(unneeded()).isEmpty();
    former.close();
  }

  /** A branch's readers go on with what neither it nor its parent has any use for. */
  @Test
  void aParentKeepsWhatOldPicturesOfABranchRead() {
    start();
    ShardId child = CHILD;
    harness.references =
        new BranchReferences(
            harness.objects,
            shard ->
                shard.equals(SHARD)
                    ? List.of(new BranchReferences.Branch(child, true))
                    : List.of());
    put(0, 20, 1);
    server.flush(SHARD, soon());
    server.branch(SHARD, child, Harness.now(server), soon());
    Set<String> held = new HashSet<>();
    var request = new ReadRequest(child, Harness.now(server, child), ALL, List.of());
    try (ReadView view = server.openView(request, soon())) {
      view.segments().stream().map(SegmentView::objectKey).forEach(held::add);
      assertThat(held).isNotEmpty().allMatch(new ShardObjects(SHARD)::owns);
      put(0, 20, 2);
      server.flush(SHARD, soon());
      flush(child, 20);
      harness.retention = new ReadableTimes(Harness.now(server), List.of());
      server.compact(SHARD, soon());
      server.compact(child, soon());
      // However many manifests follow: it is the time that counts.
      for (int manifest = 0; manifest < 20; manifest++) {
        flush(child, 1);
      }
      assertThat(namedBy(SHARD)).doesNotContainAnyElementsOf(held);
      assertThat(namedBy(child)).doesNotContainAnyElementsOf(held);
      server.maintain();
      server.maintain();
      assertThat(harness.objects.list("", "", 10_000)).containsAll(held);
    }
    server.maintain();
    assertThat(unneeded()).containsAll(held);
  }

  private void flush(ShardId shard, long changes) {
    for (long key = 0; key < changes; key++) {
      Timestamp now = Harness.now(server, shard);
      Harness.commit(server, shard, now, Harness.write(WriteKind.PUT, key, 9));
    }
    server.flush(shard, soon());
  }

  private List<String> namedBy(ShardId shard) {
    return new ManifestStore(harness.objects, new ShardObjects(shard))
        .newest(Lsn.ZERO).segments().stream().map(SegmentMeta::objectKey).toList();
  }
}
