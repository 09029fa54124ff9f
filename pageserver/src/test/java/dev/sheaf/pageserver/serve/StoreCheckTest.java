package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with what a shard has stored is named; what is right is not. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreCheckTest {
  private static final long SEED = Long.getLong("sheaf.seed", 11);
  private static final ShardId CHILD = ShardId.root(new DatabaseId("db1"));
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
          new CompactionSettings(4, 8, 1 << 20, 1 << 20, 1 << 20, 1, 0.3, 0.3, 4, 0));

  @TempDir Path scratch;
  private Harness harness;
  private PageServer server;
  private ObjectStore objects;

  static List<Finding> findings(PageServer server, ShardId shard) {
    var found = new ArrayList<Finding>();
    Checked checked = check(server, shard, found);
    // Only the first of an object are told.
    assertThat(checked.findings()).isGreaterThanOrEqualTo(found.size());
    assertThat(checked.objects()).isEqualTo(checked.allObjects());
    return found;
  }

  private static Checked check(PageServer server, ShardId shard, List<Finding> found) {
    return server.check(
        shard,
        new CheckListener() {
          @Override
          public void progress(Checked soFar) {}

          @Override
          public void found(Finding finding) {
            found.add(finding);
          }
        },
        soon());
  }

  /** A database with updates, deletions, history, a bulk load, and a branch with rows of both. */
  @BeforeEach
  void store() {
    harness = new Harness(scratch);
    harness.references =
        new BranchReferences(
            harness.objects,
            shard ->
                shard.equals(SHARD)
                    ? List.of(new BranchReferences.Branch(CHILD, true))
                    : List.of());
    objects = harness.objects;
    server = harness.start(EAGER);
    put(SHARD, 0, 60, 1);
    server.flush(SHARD, soon());
    put(SHARD, 30, 90, 2);
    put(SHARD, 40, 45, 3);
    Timestamp point = put(SHARD, 80, 85, 4);
    put(SHARD, 82, 88, 5);
    server.flush(SHARD, soon());
    Harness.commit(server, Harness.now(server), Harness.write(WriteKind.DELETE, 7, 0));
    load(1000, 1300);
    server.flush(SHARD, soon());
    server.branch(SHARD, CHILD, point, soon());
    put(CHILD, 50, 100, 6);
    server.flush(CHILD, soon());
  }

  @AfterEach
  void stop() {
    server.abandon();
  }

  private Timestamp put(ShardId shard, long from, long to, long value) {
    Timestamp last = Timestamp.ZERO;
    for (long key = from; key < to; key++) {
      Timestamp now = Harness.now(server, shard);
      last =
          Harness.commit(server, shard, now, Harness.write(WriteKind.PUT, key, value)).timestamp();
    }
    return last;
  }

  private void load(long from, long to) {
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    var request =
        new BulkRequest(SHARD, Harness.id(), Harness.now(server), TABLE, columns, List.of(), false);
    try (BulkLoad load = server.beginBulk(request, soon())) {
      for (long n = from; n < to; n++) {
        byte[] key = Harness.key(n);
        load.append(
            Batch.of(
                new Vec[] {
                  Vec.BytesVec.of(key, new int[] {0}, new int[] {key.length}, null, 1),
                  new Vec.LongVec(new long[] {n}, null, 1)
                },
                1),
            soon());
      }
      load.commit(soon());
    }
  }

  private ManifestStore manifests(ShardId shard) {
    return new ManifestStore(objects, new ShardObjects(shard));
  }

  private Manifest newest(ShardId shard) {
    return manifests(shard).newest(Lsn.ZERO);
  }

  private void assertClean() {
    assertThat(findings(server, SHARD)).isEmpty();
    assertThat(findings(server, CHILD)).isEmpty();
  }

  @Test
  void aSoundDatabaseIsCleanBeforeAndAfterCompactionAndLater() {
    assertClean();
    harness.retention = new ReadableTimes(Harness.now(server), List.of());
    server.compact(SHARD, soon());
    server.compact(CHILD, soon());
    assertClean();
    server.maintain();
    server.maintain();
    assertClean();
    put(SHARD, 0, 10, 7);
    server.abandon();
    server = harness.start(EAGER);
    assertClean();
    var found = new ArrayList<Finding>();
    Checked checked = check(server, SHARD, found);
    long size =
        objects.list("db/" + SHARD, "", 1000).stream()
            .mapToLong(key -> objects.size(key).orElseThrow())
            .sum();
    assertThat(checked.bytes()).isPositive().isLessThanOrEqualTo(size);
    assertThat(checked.rows())
        .isGreaterThanOrEqualTo(
            newest(SHARD).segments().stream().mapToLong(SegmentMeta::rows).sum());
  }

  @Test
  void writesCompactionsAndSweepsGoOnMeanwhile() throws InterruptedException {
    var stop = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              var random = new Random(SEED);
              while (!stop.get()) {
                long key = random.nextInt(100);
                put(SHARD, key, key + 3, random.nextInt());
                server.flush(SHARD, soon());
                server.compact(SHARD, soon());
                server.maintain();
              }
            });
    try {
      for (int i = 0; i < 20; i++) {
        assertClean();
      }
    } finally {
      stop.set(true);
      writer.join();
    }
    assertThat(server.storeTotals().compactions()).isPositive();
  }

  /** Ways to damage an object of which nothing else says what it should be. */
  private enum Harm {
    FLIPPED,
    CUT,
    EMPTY,
    MISSING,
    SWAPPED
  }

  private void harm(String key, Harm harm, String other, Random random) {
    byte[] bytes = objects.get(key).orElseThrow();
    switch (harm) {
      case FLIPPED -> {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        objects.put(key, flipped);
      }
      case CUT -> objects.put(key, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      case EMPTY -> objects.put(key, new byte[0]);
      case MISSING -> objects.delete(key);
      case SWAPPED -> objects.put(key, objects.get(other).orElseThrow());
    }
  }

  @Test
  void everyDamagedObjectIsNamedAndNoOther() {
    var random = new Random(SEED);
    Manifest parent = newest(SHARD);
    List<String> segments = parent.segments().stream().map(SegmentMeta::objectKey).toList();
    assertThat(segments).hasSizeGreaterThan(3);
    assertThat(parent.deletes()).hasSizeGreaterThan(1);
    for (List<String> kind : List.of(segments, parent.deletes(), manifests(SHARD).keys())) {
      for (int round = 0; round < 60; round++) {
        int victim = round % kind.size();
        Harm harm = Harm.values()[round / kind.size() % Harm.values().length];
        String key = kind.get(victim);
        byte[] whole = objects.get(key).orElseThrow();
        harm(key, harm, kind.get((victim + 1) % kind.size()), random);
        boolean expected = harm != Harm.MISSING || !key.contains("/manifests/");
        assertThat(findings(server, SHARD))
            .as("%s %s, seed %s, round %s", harm, key, SEED, round)
            .allMatch(finding -> finding.objectKey().equals(key))
            .hasSizeGreaterThanOrEqualTo(expected ? 1 : 0);
        objects.put(key, whole);
      }
    }
    assertClean();
  }

  @Test
  void aBranchChecksWhatItHasOfItsParent() {
    List<SegmentMeta> shared =
        newest(CHILD).segments().stream()
            .filter(segment -> new ShardObjects(SHARD).owns(segment.objectKey()))
            .toList();
    assertThat(shared).anyMatch(SegmentMeta::capped);
    for (SegmentMeta segment : shared) {
      byte[] whole = objects.get(segment.objectKey()).orElseThrow();
      objects.put(segment.objectKey(), Arrays.copyOf(whole, whole.length - 1));
      assertThat(findings(server, CHILD))
          .isNotEmpty()
          .allMatch(finding -> finding.objectKey().equals(segment.objectKey()));
      objects.put(segment.objectKey(), whole);
    }
    // What the branch does not share is of no account to it.
    newest(SHARD).segments().stream()
        .map(SegmentMeta::objectKey)
        .filter(key -> shared.stream().noneMatch(segment -> segment.objectKey().equals(key)))
        .forEach(objects::delete);
    assertThat(findings(server, CHILD)).isEmpty();
    assertThat(findings(server, SHARD)).isNotEmpty();
  }

  /** Rewrites the delete vectors of one segment in the object that has the most of them. */
  private String rewriteDeletes(UnaryOperator<DeleteVector> change) {
    String key = newest(SHARD).deletes().getFirst();
    Map<String, DeleteVector> vectors =
        new HashMap<>(manifests(SHARD).readDeletes(newest(SHARD), key));
    assertThat(vectors).isNotEmpty();
    String segment = vectors.keySet().iterator().next();
    vectors.put(segment, change.apply(vectors.get(segment)));
    manifests(SHARD).writeDeletes(key, vectors);
    return key;
  }

  @Test
  void entriesOfDeleteVectorsMustBePossible() {
    String key = rewriteDeletes(vector -> vector.with(Map.of(1_000_000, vector.since()[0])));
    assertThat(findings(server, SHARD))
        .anyMatch(f -> f.objectKey().equals(key) && f.what().contains("row 1000000 of"));
    storeAgain();
    String late =
        rewriteDeletes(vector -> new DeleteVector(vector.rows(), filled(vector, 1L << 62)));
    assertThat(findings(server, SHARD))
        .anyMatch(f -> f.objectKey().equals(late) && f.what().contains("cannot be"));
    storeAgain();
    String early = rewriteDeletes(vector -> new DeleteVector(vector.rows(), filled(vector, 1)));
    assertThat(findings(server, SHARD))
        .anyMatch(f -> f.objectKey().equals(early) && f.what().contains("cannot be"))
        .anyMatch(f -> f.objectKey().contains("/segments/") && f.what().contains("already"));
    storeAgain();
    String foreign = newest(SHARD).deletes().getFirst();
    manifests(SHARD)
        .writeDeletes(
            foreign,
            Map.of(
                "db/other/0/segments/" + "0".repeat(20) + "-" + "0".repeat(20), DeleteVector.NONE));
    assertThat(findings(server, SHARD))
        .anyMatch(f -> f.objectKey().equals(foreign) && f.what().contains("not of this database"));
  }

  private void storeAgain() {
    server.abandon();
    store();
  }

  private static long[] filled(DeleteVector vector, long since) {
    long[] all = new long[vector.size()];
    Arrays.fill(all, since);
    return all;
  }

  @Test
  void aRowThatIsNotSupersededBesideItsSuccessorIsFound() {
    rewriteDeletes(vector -> DeleteVector.NONE);
    assertThat(findings(server, SHARD))
        .isNotEmpty()
        .allMatch(f -> f.what().contains("visible together with row"))
        .allMatch(f -> f.objectKey().contains("/segments/"));
  }

  static Stream<UnaryOperator<SegmentMeta>> lies() {
    return Stream.of(
        m ->
            copy(
                m, m.rows() + 1, TABLE, m.minKey(), m.maxKey(), m.minTimestamp(), m.maxTimestamp()),
        m -> copy(m, m.rows(), 7, m.minKey(), m.maxKey(), m.minTimestamp(), m.maxTimestamp()),
        m -> copy(m, m.rows(), TABLE, m.maxKey(), m.maxKey(), m.minTimestamp(), m.maxTimestamp()),
        m -> copy(m, m.rows(), TABLE, m.minKey(), m.minKey(), m.minTimestamp(), m.maxTimestamp()),
        m -> copy(m, m.rows(), TABLE, m.minKey(), m.maxKey(), m.maxTimestamp(), m.maxTimestamp()),
        m -> copy(m, m.rows(), TABLE, m.minKey(), m.maxKey(), m.minTimestamp(), m.minTimestamp()));
  }

  private static SegmentMeta copy(
      SegmentMeta m, long rows, int tableId, byte[] min, byte[] max, Timestamp from, Timestamp to) {
    return new SegmentMeta(
        m.objectKey(), m.sizeBytes(), rows, tableId, min, max, from, to, m.storesTimestamps());
  }

  @ParameterizedTest
  @MethodSource("lies")
  void whatAManifestSaysOfASegmentMustBeSo(UnaryOperator<SegmentMeta> lie) {
    Manifest good = newest(SHARD);
    SegmentMeta first =
        good.segments().stream().filter(SegmentMeta::storesTimestamps).findFirst().orElseThrow();
    List<SegmentMeta> segments =
        good.segments().stream().map(each -> each == first ? lie.apply(each) : each).toList();
    publish(good, segments, good.published());
    assertThat(findings(server, SHARD))
        .anyMatch(f -> f.objectKey().equals(first.objectKey()))
        .anyMatch(f -> f.what().contains("describes " + first.objectKey()));
  }

  @Test
  void aManifestMustNotBeAheadOfTheLog() {
    Manifest good = newest(SHARD);
    Lsn ahead = good.published().plus(1_000_000);
    publish(good, good.segments(), ahead);
    assertThat(findings(server, SHARD))
        .singleElement()
        .matches(f -> f.objectKey().contains("/manifests/") && f.what().contains(ahead.toString()));
  }

  private void publish(Manifest good, List<SegmentMeta> segments, Lsn published) {
    manifests(SHARD)
        .publish(
            new Manifest(
                SHARD,
                good.term(),
                good.sequence() + 1,
                published,
                good.newestCommit(),
                segments,
                good.deletes(),
                good.catalog(),
                good.outcomes(),
                good.ancestors(),
                good.readable()));
  }

  @Test
  void endsWithTheOwnerWithTheTimeAndWithTheListener() {
    assertFails(
        ErrorCode.QUERY_CANCELED,
        () -> server.check(SHARD, listener(() -> {}), Deadline.after(System.nanoTime(), -1)));
    assertFails(
        ErrorCode.CANNOT_CONNECT_NOW, () -> server.check(SHARD, listener(server::abandon), soon()));
    server = harness.start(EAGER);
    assertFails(
        ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
        () -> server.check(SHARD, listener(() -> findings(server, SHARD)), soon()));
    assertClean();
  }

  private static CheckListener listener(Runnable onProgress) {
    return new CheckListener() {
      @Override
      public void progress(Checked soFar) {
        onProgress.run();
      }

      @Override
      public void found(Finding finding) {}
    };
  }

  private static void assertFails(ErrorCode code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
