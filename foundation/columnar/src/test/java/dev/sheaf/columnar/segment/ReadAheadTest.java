package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which reads of the store happen before anybody waits for them, and that none happens twice. */
final class ReadAheadTest {
  private static final long SEED = Long.getLong("sheaf.seed", 23);
  private static final int GROUPS = 3;
  private static final int ROWS = GROUPS * SegmentReader.ROW_GROUP_ROWS;
  private static final int COLUMNS = 6;

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();
  private final List<Runnable> background = new ArrayList<>();
  private final BlockCache cache = new BlockCache(64 << 20);
  private SegmentSource source;
  private long[][] values;

  @BeforeEach
  void write() {
    write(ROWS);
  }

  private void write(int rows) {
    var random = new Random(SEED);
    byte[][] keys = new byte[rows][];
    Arrays.setAll(keys, i -> new byte[] {(byte) (i >>> 16), (byte) (i >>> 8), (byte) i});
    List<SegmentColumn> columns = new ArrayList<>();
    List<Vec> vecs = new ArrayList<>(List.of(SegmentRoundTripTest.views(keys)));
    values = new long[COLUMNS][];
    for (int c = 0; c < COLUMNS; c++) {
      values[c] = random.longs(rows, 0, 1 << 10).toArray();
      columns.add(new SegmentColumn(c + 1, PhysicalType.LONG));
      vecs.add(new LongVec(values[c], null, rows));
    }
    try (var writer = new SegmentWriter(folder.resolve("s"), columns, false)) {
      writer.append(Batch.of(vecs.toArray(Vec[]::new), rows), null);
      source = objects.add("s", writer.finish().path());
    }
  }

  private SegmentFile open(ReadAhead readAhead) {
    SegmentFile segment = SegmentFile.open(source, cache, readAhead);
    objects.takeReads();
    return segment;
  }

  private void runBackground() {
    background.forEach(Runnable::run);
    background.clear();
  }

  private void assertRight(SegmentReader segment, int column, int group) {
    for (int from = 0; from < segment.rowsIn(group); from += Batch.MAX_ROWS) {
      int count = Math.min(Batch.MAX_ROWS, segment.rowsIn(group) - from);
      var read = (LongVec) segment.read(column, group, from, count);
      int first = group * SegmentReader.ROW_GROUP_ROWS + from;
      assertThat(read.values())
          .isEqualTo(Arrays.copyOfRange(values[column - 1], first, first + count));
    }
  }

  @Test
  void expectedColumnsAreReadWithoutAnybodyWaiting() {
    SegmentFile segment = open(new ReadAhead(background::add, 64 << 20));
    segment.expect(new int[] {1, 4, 99}, 1, 0, segment.rowsIn(1));
    assertThat(objects.takeReads()).isEmpty();
    runBackground();
    assertThat(objects.takeReads()).as("one for each column, no others").hasSize(2);

    assertRight(segment, 1, 1);
    assertRight(segment, 4, 1);
    segment.expect(new int[] {1, 4}, 1, 0, segment.rowsIn(1));
    runBackground();
    assertThat(objects.takeReads()).as("all there").isEmpty();
    assertRight(segment, 1, 2);
    assertThat(objects.takeReads()).isNotEmpty();
  }

  @Test
  void columnsThatTouchShareOneRead() {
    write(20_000);
    SegmentFile segment = open(new ReadAhead(background::add, 64 << 20));
    segment.expect(new int[] {2, 3, 4, 6}, 0, 0, segment.rowsIn(0));
    runBackground();
    assertThat(objects.takeReads()).as("2 to 4, and 6").hasSize(2);
    for (int column : new int[] {2, 3, 4, 6}) {
      assertRight(segment, column, 0);
    }
    assertThat(objects.takeReads()).isEmpty();
  }

  @Test
  void aRowsColumnsAreReadSideBySide() {
    SegmentFile segment = open(new ReadAhead(background::add, 64 << 20));
    segment.expect(new int[] {1, 2, 3}, 1, 5000, 1);
    assertThat(background).hasSize(3);
    runBackground();
    assertThat(objects.takeReads()).hasSize(3).allMatch(n -> n < 10_000);
    assertThat(segment.read(2, 1, 5000, 1).value(0))
        .isEqualTo(values[1][SegmentReader.ROW_GROUP_ROWS + 5000]);
    assertThat(objects.takeReads()).isEmpty();
  }

  @Test
  void readsBeyondTheBoundAreLeftToThoseWhoNeedThem() {
    var readAhead = new ReadAhead(background::add, 200_000);
    SegmentFile segment = open(readAhead);
    int[] all = {1, 2, 3, 4, 5, 6};
    segment.expect(all, 0, 0, segment.rowsIn(0));
    assertThat(background).as("80 KB each").hasSize(2);
    assertThat(readAhead.stats().underWayBytes()).isBetween(1L, 200_000L);
    assertThat(readAhead.stats().refusedBytes()).isPositive();
    runBackground();
    assertThat(readAhead.stats().underWayBytes()).isZero();
    for (int column : all) {
      assertRight(segment, column, 0);
    }
  }

  @Test
  void aFailedReadAheadIsMadeAgainByWhoNeedsIt() {
    var fails = new AtomicBoolean(true);
    RangeReader flaky =
        (key, offset, length) -> {
          if (fails.get()) {
            throw new SheafException(ErrorCode.IO_ERROR, "the store is away");
          }
          return objects.read(key, offset, length);
        };
    fails.set(false);
    var segments = new Segments(flaky, cache, new ReadAhead(background::add, 64 << 20));
    SegmentReader segment = segments.open("s", source.sizeBytes());
    fails.set(true);
    segment.expect(new int[] {1}, 0, 0, 100);
    runBackground();
    assertThatThrownBy(() -> segment.read(1, 0, 0, 100)).hasMessageContaining("away");
    fails.set(false);
    assertRight(segment, 1, 0);
  }

  @Test
  void manyReadersOfABlockShareOneRead() throws Exception {
    var entered = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var reads = new AtomicInteger();
    var slow = new AtomicBoolean();
    RangeReader reader =
        (key, offset, length) -> {
          if (slow.get()) {
            reads.incrementAndGet();
            entered.countDown();
            await(go);
          }
          return objects.read(key, offset, length);
        };
    var segments = new Segments(reader, cache);
    SegmentReader segment = segments.open("s", source.sizeBytes());
    slow.set(true);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Object>> readers = new ArrayList<>();
      readers.add(threads.submit(() -> segment.read(1, 0, 17, 1).value(0)));
      await(entered);
      for (int i = 0; i < 50; i++) {
        readers.add(threads.submit(() -> segment.read(1, 0, 17, 1).value(0)));
      }
      go.countDown();
      for (Future<Object> read : readers) {
        assertThat(read.get()).isEqualTo(values[0][17]);
      }
    }
    assertThat(reads).hasValue(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void manyWhoOpenASegmentShareOneRead() throws Exception {
    var go = new CountDownLatch(1);
    var reads = new AtomicInteger();
    RangeReader reader =
        (key, offset, length) -> {
          reads.incrementAndGet();
          await(go);
          return objects.read(key, offset, length);
        };
    var segments = new Segments(reader, cache);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<SegmentReader>> opened = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        opened.add(threads.submit(() -> segments.open("s", source.sizeBytes())));
      }
      go.countDown();
      for (Future<SegmentReader> open : opened) {
        assertThat(open.get()).isSameAs(opened.getFirst().get());
      }
    }
    assertThat(reads.get()).as("tail, and the index if it is longer").isLessThanOrEqualTo(2);
  }

  /** A page that comes damaged once, by a cache or on the way, is right the second time. */
  @Test
  void damagedBytesAreReadOnceMorePastAllCaches() {
    var damages = new AtomicBoolean();
    RangeReader damaging =
        new RangeReader() {
          @Override
          public byte[] read(String key, long offset, int length) {
            byte[] bytes = objects.read(key, offset, length);
            if (damages.get()) {
              Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0x5A);
            }
            return bytes;
          }

          @Override
          public byte[] reread(String key, long offset, int length) {
            return objects.read(key, offset, length);
          }
        };
    damages.set(true);
    var segments = new Segments(damaging, cache);
    SegmentReader segment = segments.open("s", source.sizeBytes());
    for (int group = 0; group < GROUPS; group++) {
      assertRight(segment, 3, group);
    }
    byte[] key = {1, 2, 3};
    assertThat(segment.find(key, Timestamp.MAX)).hasValue(0x010203);
  }

  /** One pass over a table larger than the cache leaves what point reads use. */
  @Test
  void aScanDoesNotDriveOutWhatIsUsedAgain() {
    var small = new BlockCache(300_000);
    SegmentFile segment = SegmentFile.open(source, small, new ReadAhead(Runnable::run, 64 << 20));
    for (int round = 0; round < 3; round++) {
      assertThat(segment.read(6, 2, 40_000, 1).value(0)).isNotNull();
    }
    objects.takeReads();
    for (int column = 1; column < COLUMNS; column++) {
      for (int group = 0; group < GROUPS; group++) {
        segment.expect(new int[] {column}, group, 0, segment.rowsIn(group));
        assertRight(segment, column, group);
      }
    }
    assertThat(objects.takeReads()).isNotEmpty();
    assertThat(segment.read(6, 2, 40_000, 1).value(0)).isNotNull();
    assertThat(objects.takeReads()).isEmpty();
  }
}
