package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.Envelope;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What point reads used is in memory again after a restart, before anybody asks. */
final class WarmUpTest {
  private static final long SEED = 31;
  private static final int ROWS = 2 * SegmentReader.ROW_GROUP_ROWS;

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();
  private final long[] sizes = new long[3];
  private HotPages list;

  @BeforeEach
  void useSomePages() {
    var random = new Random(SEED);
    byte[][] keys = new byte[ROWS][];
    Arrays.setAll(keys, WarmUpTest::key);
    Vec[] vecs = {
      SegmentRoundTripTest.views(keys), new LongVec(random.longs(ROWS).toArray(), null, ROWS)
    };
    var columns = List.of(new SegmentColumn(1, PhysicalType.LONG));
    for (int i = 0; i < sizes.length; i++) {
      try (var writer = new SegmentWriter(folder.resolve("s" + i), columns, false)) {
        writer.append(Batch.of(vecs, ROWS), null);
        sizes[i] = objects.add("s" + i, writer.finish().path()).sizeBytes();
      }
    }
    var cache = new BlockCache(32 << 20);
    var segments = new Segments(objects, cache);
    for (int round = 0; round < 3; round++) {
      pointReads(segments);
    }
    segments.open("s2", sizes[2]).read(1, 0, 0, 60_000);
    list = HotPages.of(cache, 4 << 20);
  }

  private void pointReads(Segments segments) {
    for (int i = 0; i < 2; i++) {
      SegmentReader segment = segments.open("s" + i, sizes[i]);
      assertThat(segment.find(key(70_000), Timestamp.MAX)).hasValue(70_000);
      assertThat(segment.read(1, 0, 9000, 10).size()).isEqualTo(10);
      assertThat(segment.read(1, 1, 30_000, 10).size()).isEqualTo(10);
    }
  }

  private static byte[] key(int i) {
    return new byte[] {(byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
  }

  @Test
  void whatWasHotIsThereAgain() {
    var cache = new BlockCache(32 << 20);
    var segments = new Segments(objects, cache);
    objects.takeReads();
    long fetched = WarmUp.restore(list, segments, 4 << 20, () -> false);
    assertThat(fetched).as("not what was scanned once").isBetween(100_000L, 400_000L);
    HotPages next = HotPages.of(cache, 4 << 20);
    var afterNext = new Segments(objects, new BlockCache(32 << 20));
    assertThat(WarmUp.restore(next, afterNext, 4 << 20, () -> false))
        .as("a process that ends before it is used passes the list on")
        .isEqualTo(fetched);
    objects.takeReads();
    pointReads(segments);
    assertThat(objects.takeReads()).isEmpty();
    assertThat(WarmUp.restore(list, segments, 4 << 20, () -> false)).isZero();
  }

  @Test
  void endsAtItsBoundAndWhenItHasTo() {
    var segments = new Segments(objects, new BlockCache(32 << 20));
    assertThat(WarmUp.restore(list, segments, 50_000, () -> false)).isBetween(1L, 150_000L);
    objects.takeReads();
    assertThat(WarmUp.restore(list, segments, 4 << 20, () -> true)).isZero();
    assertThat(objects.takeReads()).isEmpty();
  }

  @Test
  void passesOverWhatIsGone() {
    var some = new ObjectsInMemory();
    some.put("s1", objects.content("s1"));
    var segments = new Segments(some, new BlockCache(32 << 20));
    assertThat(WarmUp.restore(list, segments, 4 << 20, () -> false)).isPositive();
  }

  @Test
  void bothFormsGiveBackWhatWasNamedAndRefuseWhatIsNot() {
    byte[] ofProcess = list.encode();
    byte[] ofShard = list.encode("db/a/0/hot-pages");
    assertThat(HotPages.decode(ofProcess).objects()).isEqualTo(list.objects());
    assertThat(HotPages.decode("db/a/0/hot-pages", ofShard).objects()).isEqualTo(list.objects());
    assertRefused(() -> HotPages.decode("db/b/0/hot-pages", ofShard));
    assertRefused(() -> HotPages.decode("db/a/0/hot-pages", ofProcess));
    assertRefused(() -> HotPages.decode(ofShard));
    everyDamage(ofProcess, HotPages::decode);
    everyDamage(ofShard, bytes -> HotPages.decode("db/a/0/hot-pages", bytes));
  }

  private static void everyDamage(byte[] whole, Consumer<byte[]> decode) {
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      assertRefused(() -> decode.accept(damaged));
      byte[] cut = Arrays.copyOf(whole, at);
      assertRefused(() -> decode.accept(cut));
    }
  }

  private static void assertRefused(ThrowingCallable decode) {
    assertThatThrownBy(decode).isInstanceOf(SheafException.class);
  }

  /** Formats outlive the build: these bytes must be readable for ever. */
  @Test
  void goldenBytes() {
    String objects = "01 06 64622f612f73 00000000000003e8 02 80000000 00 01 00000007 03 02";
    HotPages known = HotPages.decode(golden("SHFWARML", objects));
    assertThat(known.objects())
        .containsExactly(
            new HotPages.HotObject(
                "db/a/s",
                1000,
                List.of(new HotPages.Run(Integer.MIN_VALUE, 0, 1), new HotPages.Run(7, 3, 2))));
    assertThat(known.encode()).isEqualTo(golden("SHFWARML", objects));
    byte[] ofShard = golden("SHFSHOTP", "03 64622f" + objects);
    assertThat(HotPages.decode("db/", ofShard).samePages(known)).isTrue();
    assertThat(known.encode("db/")).isEqualTo(ofShard);
  }

  private static byte[] golden(String magic, String payload) {
    return Envelope.seal(magic, 1, HexFormat.of().parseHex(payload.replace(" ", "")));
  }

  @Test
  void listsAreComparedAndCutByObject() {
    assertThat(list.samePages(HotPages.decode(list.encode()))).isTrue();
    HotPages one = list.only(Map.of("s0", sizes[0], "elsewhere", 7L));
    assertThat(one.objects()).extracting(HotPages.HotObject::key).containsExactly("s0");
    assertThat(one.samePages(list)).isFalse();
    assertThat(list.samePages(null)).isFalse();
    assertThat(list.only(Map.of("s0", sizes[0] + 1)).isEmpty()).isTrue();
    assertThat(list.only(Map.of("s1", sizes[1], "s0", sizes[0])).samePages(list)).isTrue();
  }
}
