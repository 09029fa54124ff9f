package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sweeps delete what nobody needs, and nothing else. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SweepTest extends EagerShard {
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

  /** Its lease outlives every jump of the clock. */
  private void startPatiently() {
    harness = new Harness(scratch);
    server =
        harness.start(
            new PageServerConfig(
                1L << 30,
                4L << 30,
                4096,
                2,
                1L << 20,
                Duration.ofDays(10).toMillis(),
                300_000,
                Duration.ofSeconds(100).toMillis(),
                EAGER.compaction()));
  }

  private void sweepAfter(Duration pause) {
    harness.aheadNanos += pause.toNanos();
    server.maintain();
  }

  private List<String> objects() {
    return harness.objects.list("", "", 10_000);
  }

  /** Noted before the manifest of the last owner that names it, so its time comes first. */
  @Test
  void whatAnOlderManifestNamesGoesAfterIt() {
    startPatiently();
    put(0, 20, 1);
    flush();
    List<String> compacted = namedBy(SHARD);
    put(10, 30, 2);
    server.flush(SHARD, soon());
    server.compact(SHARD, soon());
    assertThat(namedBy(SHARD)).doesNotContainAnyElementsOf(compacted);
    // Notes the other owner's manifest.
    sweepAfter(Duration.ofSeconds(50));
    sweepAfter(Duration.ofSeconds(70));
    assertThat(objects()).containsAll(compacted);
    sweepAfter(Duration.ofSeconds(101));
    sweepAfter(Duration.ofSeconds(101));
    assertThat(objects()).doesNotContainAnyElementsOf(compacted);
    checkReferences();
  }

  /** Although nothing is written, so that no manifest follows. */
  @Test
  void whatABranchKeptGoesWithinADayOfItsEnd() {
    startPatiently();
    put(0, 20, 1);
    server.flush(SHARD, soon());
    List<String> held = namedBy(SHARD);
    harness.references = (shard, keys) -> held.stream().collect(toMap(key -> key, key -> CHILD));
    put(10, 30, 2);
    server.flush(SHARD, soon());
    server.compact(SHARD, soon());
    sweepAfter(Duration.ZERO);
    sweepAfter(Duration.ofSeconds(101));
    sweepAfter(Duration.ofHours(25));
    sweepAfter(Duration.ofSeconds(101));
    assertThat(objects()).containsAll(held);
    harness.references = References.NONE;
    sweepAfter(Duration.ofHours(25));
    sweepAfter(Duration.ofSeconds(101));
    assertThat(objects()).doesNotContainAnyElementsOf(held);
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
}
