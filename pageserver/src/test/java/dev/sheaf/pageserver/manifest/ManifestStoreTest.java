package dev.sheaf.pageserver.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.Manifest.Ancestor;
import dev.sheaf.pageserver.manifest.Manifest.CatalogHistory;
import dev.sheaf.pageserver.manifest.Manifest.Outcome;
import dev.sheaf.pageserver.manifest.Manifest.Outcomes;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.Envelope;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class ManifestStoreTest {
  private static final ShardId SHARD = ShardId.root(new DatabaseId("db"));
  private static final ShardObjects KEYS = new ShardObjects(SHARD);

  private final ObjectStore objects = new MemoryObjectStore();
  private final ManifestStore store = new ManifestStore(objects, KEYS);

  private static Manifest manifest(long term, long sequence, long published) {
    var segment =
        new SegmentMeta(
            KEYS.segment(new Term(term), 1),
            1234,
            10,
            1000,
            new byte[] {1},
            new byte[] {2, 3},
            new Timestamp(70),
            new Timestamp(80),
            true,
            true);
    return new Manifest(
        SHARD,
        new Term(term),
        sequence,
        new Lsn(published),
        new Timestamp(99),
        List.of(segment),
        List.of(KEYS.deletes(new Term(term), 1)),
        new CatalogHistory(new Timestamp(5), List.of(new Timestamp(6), new Timestamp(7))),
        new Outcomes(
            Timestamp.ZERO,
            List.of(new Outcome(new TransactionId(new UUID(8, 9)), new Timestamp(90))),
            new Timestamp(3),
            List.of(new Outcome(new TransactionId(new UUID(10, 11)), new Timestamp(91)))),
        List.of(new Ancestor(ShardId.root(new DatabaseId("old")), new Timestamp(75))),
        new ReadableTimes(new Timestamp(60), List.of(new Timestamp(40), new Timestamp(41))));
  }

  private static void assertDamaged(ThrowingCallable call, String naming) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED))
        .hasMessageContaining(naming);
  }

  @Test
  void theHighestTermThenSequenceWins() {
    assertThat(store.newest(Lsn.ZERO)).isEqualTo(Manifest.empty(SHARD));
    store.publish(manifest(2, 1, 300));
    store.publish(manifest(1, 9, 200));
    store.publish(manifest(2, 10, 400));
    store.publish(manifest(2, 9, 350));

    assertThat(store.newest(new Lsn(300))).isEqualTo(manifest(2, 10, 400));
    assertThatThrownBy(() ->
            store.publish(
                new Manifest(
                    SHARD,
                    new Term(2),
                    10,
                    new Lsn(401),
                    Timestamp.ZERO,
                    List.of(),
                    List.of(),
                    CatalogHistory.EMPTY,
                    Outcomes.EMPTY,
                    List.of())))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW));
  }

  @Test
  void everyCutAndEveryFlippedBitIsFound() {
    store.publish(manifest(3, 1, 500));
    String key = KEYS.manifest(new Term(3), 1);
    byte[] good = objects.get(key).orElseThrow();
    for (int length = 0; length < good.length; length++) {
      objects.put(key, Arrays.copyOf(good, length));
      assertDamaged(() -> store.newest(new Lsn(500)), key);
    }
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      objects.put(key, bad);
      assertDamaged(() -> store.newest(new Lsn(500)), key);
    }
    objects.put(key, good);
    assertThat(store.newest(new Lsn(500))).isEqualTo(manifest(3, 1, 500));
  }

  @Test
  void fallsBackOnlyWhereTheLogHasTheRest() {
    store.publish(manifest(1, 1, 100));
    store.publish(manifest(1, 2, 200));
    String newest = KEYS.manifest(new Term(1), 2);
    objects.put(newest, new byte[40]);

    assertThat(store.newest(new Lsn(100))).isEqualTo(manifest(1, 1, 100));
    assertDamaged(() -> store.newest(new Lsn(101)), newest);
    objects.put(KEYS.manifest(new Term(1), 1), new byte[0]);
    assertThat(store.newest(Lsn.ZERO)).isEqualTo(Manifest.empty(SHARD));
    assertDamaged(() -> store.newest(new Lsn(1)), newest);
    objects.delete(newest);
    objects.delete(KEYS.manifest(new Term(1), 1));
    assertDamaged(() -> store.newest(new Lsn(1)), "no manifest");
  }

  @Test
  void aManifestInAForeignPlaceIsNotBelieved() {
    store.publish(manifest(1, 1, 100));
    byte[] bytes = objects.get(KEYS.manifest(new Term(1), 1)).orElseThrow();
    objects.put(KEYS.manifest(new Term(2), 1), bytes);
    assertDamaged(() -> store.newest(new Lsn(101)), KEYS.manifest(new Term(2), 1));
  }

  @Test
  void refusesToPublishNonsense() {
    Manifest good = manifest(1, 1, 100);
    var twice = List.of(good.segments().getFirst(), good.segments().getFirst());
    assertThatThrownBy(() ->
            store.publish(
                new Manifest(
                    SHARD,
                    good.term(),
                    1,
                    good.published(),
                    good.newestCommit(),
                    twice,
                    good.deletes(),
                    good.catalog(),
                    good.outcomes(),
                    good.ancestors())))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL_ERROR));
    assertThat(objects.list("", "", 10)).isEmpty();
  }

  @Test
  void deleteVectorsOfSeveralObjectsAddUp() {
    String key = KEYS.deletes(new Term(1), 1);
    String later = KEYS.deletes(new Term(1), 2);
    var first = DeleteVector.NONE.with(Map.of(5, 50L, 100_000, 51L));
    var second = DeleteVector.NONE.with(Map.of(5, 60L, 0, 61L, 7, 62L));
    store.writeDeletes(key, Map.of("a", first, "b", first));
    store.writeDeletes(later, Map.of("a", second));
    Manifest base = manifest(1, 1, 100);
    var both =
        new Manifest(
            SHARD,
            base.term(),
            1,
            base.published(),
            base.newestCommit(),
            base.segments(),
            List.of(key, later),
            base.catalog(),
            base.outcomes(),
            List.of());

    Map<String, DeleteVector> read = store.readDeletes(both);

    assertThat(read.get("b")).isEqualTo(first);
    DeleteVector a = read.get("a");
    assertThat(a.rows()).containsExactly(0, 5, 7, 100_000);
    assertThat(a.since()).containsExactly(61, 50, 62, 51);
    assertThat(a.at(new Timestamp(60))).containsExactly(5, 100_000);
    assertThat(a.since(6)).isEqualTo(DeleteVector.NEVER);
    byte[] bytes = objects.get(key).orElseThrow();
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] bad = bytes.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      objects.put(key, bad);
      assertDamaged(() -> store.readDeletes(both), key);
    }
    objects.delete(key);
    assertDamaged(() -> store.readDeletes(both), key);
  }

  @Test
  void whatAncestorsSupersededLaterDoesNotCount() {
    var parent = new ShardObjects(ShardId.root(new DatabaseId("p")));
    String theirs = parent.deletes(new Term(1), 1);
    String mine = KEYS.deletes(new Term(1), 1);
    store.writeDeletes(theirs, Map.of("a", DeleteVector.NONE.with(Map.of(1, 70L, 2, 76L))));
    store.writeDeletes(mine, Map.of("a", DeleteVector.NONE.with(Map.of(2, 90L, 3, 91L))));
    Manifest base = manifest(1, 1, 100);
    var child =
        new Manifest(
            SHARD,
            base.term(),
            1,
            base.published(),
            base.newestCommit(),
            base.segments(),
            List.of(theirs, mine),
            base.catalog(),
            base.outcomes(),
            List.of(new Ancestor(parent.shard(), new Timestamp(75))));
    assertThat(store.readDeletes(child).get("a"))
        .isEqualTo(DeleteVector.NONE.with(Map.of(1, 70L, 2, 90L, 3, 91L)));
  }

  @Test
  void theLayoutIsAsDocumented() {
    store.publish(
        new Manifest(
            SHARD,
            new Term(1),
            2,
            new Lsn(300),
            new Timestamp(4),
            List.of(),
            List.of("d"),
            new CatalogHistory(Timestamp.ZERO, List.of(new Timestamp(6))),
            Outcomes.EMPTY,
            List.of(new Ancestor(ShardId.root(new DatabaseId("p")), new Timestamp(3)))));
    byte[] bytes = objects.get(KEYS.manifest(new Term(1), 2)).orElseThrow();
    assertThat(HexFormat.of().formatHex(bytes, 0, bytes.length - 4))
        .isEqualTo(
            "5348464d414e4946"
                + "00000004"
                + "0000004c"
                + "02"
                + "6462"
                + "00"
                + "01"
                + "02"
                + "ac02"
                + "0000000000000004"
                + "00"
                + "0101"
                + "64"
                + "0000000000000000"
                + "01"
                + "0000000000000006"
                + "0000000000000000"
                + "00"
                + "0000000000000000"
                + "00"
                + "01"
                + "0170"
                + "00"
                + "0000000000000003"
                + "0000000000000000"
                + "00");
  }

  @Test
  void olderVersionsEndEarlier() {
    String version1 =
        "02"
            + "6462"
            + "00"
            + "01"
            + "02"
            + "ac02"
            + "0000000000000004"
            + "01"
            + "0173"
            + "640aa806"
            + "0101"
            + "020203"
            + "0000000000000002"
            + "0000000000000003"
            + "01"
            + "0101"
            + "64"
            + "0000000000000000"
            + "01"
            + "0000000000000006"
            + "0000000000000005"
            + "01"
            + "0000000000000008"
            + "0000000000000009"
            + "0000000000000007";
    String version2 = version1 + "0000000000000003" + "01" + "000000000000000a".repeat(3);
    String version3 = version2 + "01" + "0170" + "00" + "0000000000000003";
    String key = KEYS.manifest(new Term(1), 2);
    var segment =
        new SegmentMeta(
            "s",
            100,
            10,
            808,
            new byte[] {1},
            new byte[] {2, 3},
            new Timestamp(2),
            new Timestamp(3),
            true);
    List<String> payloads = List.of(version1, version2, version3);
    for (int version = 1; version <= payloads.size(); version++) {
      byte[] payload = HexFormat.of().parseHex(payloads.get(version - 1));
      objects.put(key, Envelope.seal("SHFMANIF", version, payload));
      Outcome committed = new Outcome(new TransactionId(new UUID(8, 9)), new Timestamp(7));
      Outcome aborted = new Outcome(new TransactionId(new UUID(10, 10)), new Timestamp(10));
      var outcomes =
          version == 1
              ? new Outcomes(new Timestamp(5), List.of(committed), Timestamp.ZERO, List.of())
              : new Outcomes(
                  new Timestamp(5), List.of(committed), new Timestamp(3), List.of(aborted));
      var ancestor = new Ancestor(ShardId.root(new DatabaseId("p")), new Timestamp(3));
      assertThat(store.newest(new Lsn(300)))
          .as("version %s", version)
          .isEqualTo(
              new Manifest(
                  SHARD,
                  new Term(1),
                  2,
                  new Lsn(300),
                  new Timestamp(4),
                  List.of(segment),
                  List.of("d"),
                  new CatalogHistory(Timestamp.ZERO, List.of(new Timestamp(6))),
                  outcomes,
                  version < 3 ? List.of() : List.of(ancestor),
                  ReadableTimes.EVERYTHING));
    }
  }
}
