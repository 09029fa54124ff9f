package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentWriter;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.pageserver.segment.StoredRanges;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes one after the other, over one folder and one store. */
final class WarmStartTest {
  private static final int ROWS = 40_000;

  @TempDir Path folder;
  private final MemoryObjectStore objects = new MemoryObjectStore();
  private final ExecutorService background = Executors.newSingleThreadExecutor();
  private final ServerThreads threads =
      new ServerThreads(background, Executors.newSingleThreadScheduledExecutor());
  private long size;

  @BeforeEach
  void writeASegment() {
    byte[] data = new byte[3 * ROWS];
    int[] start = new int[ROWS];
    int[] length = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      start[i] = 3 * i;
      length[i] = 3;
      data[3 * i] = (byte) (i >>> 16);
      data[3 * i + 1] = (byte) (i >>> 8);
      data[3 * i + 2] = (byte) i;
    }
    var keys = BytesVec.of(data, start, length, null, ROWS);
    var values = new LongVec(new Random(5).longs(ROWS).toArray(), null, ROWS);
    Path file = folder.resolve("segment");
    try (var writer =
        new SegmentWriter(file, List.of(new SegmentColumn(1, PhysicalType.LONG)), false)) {
      writer.append(Batch.of(new Vec[] {keys, values}, ROWS), null);
      size = writer.finish().sizeBytes();
    }
    objects.putFile("segments/1", file);
  }

  @AfterEach
  void stop() {
    threads.close();
  }

  private SegmentReads reads() {
    return reads(System::nanoTime);
  }

  private SegmentReads reads(LongSupplier nanos) {
    var cache = new BlockCache(32 << 20);
    var segments = new Segments(new StoredRanges(objects), cache);
    return new SegmentReads(
        objects, segments, cache, new WarmUps(segments, cache, background, nanos));
  }

  private WarmStart begin(SegmentReads reads) throws Exception {
    var start = WarmStart.begin(folder.resolve("cache"), "node", reads.warmUps(), threads);
    background.submit(() -> {}).get(30, TimeUnit.SECONDS); // after what it does in the background
    return start;
  }

  private static long bytesAfterStart(SegmentReads reads) {
    return reads.cache().stats().usedBytes();
  }

  private void useSomePages() throws Exception {
    SegmentReads reads = reads();
    try (WarmStart first = begin(reads)) {
      assertThat(bytesAfterStart(reads)).isZero();
      SegmentReader segment = reads.segments().open("segments/1", size);
      for (int i = 0; i < 3; i++) {
        assertThat(segment.read(1, 0, 9000, 10).size()).isEqualTo(10);
      }
    }
  }

  @Test
  void everyStartFindsWhatWasHotHoweverShortTheOneBefore() throws Exception {
    useSomePages();
    List<Long> bytes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      SegmentReads reads = reads();
      begin(reads).close();
      bytes.add(bytesAfterStart(reads));
    }
    assertThat(bytes.getFirst()).isGreaterThan(10_000);
    assertThat(bytes).containsOnly(bytes.getFirst());
  }

  @Test
  void aStartThatTakesTooLongFetchesNoMore() throws Exception {
    useSomePages();
    long[] now = {0};
    SegmentReads reads = reads(() -> now[0] += TimeUnit.HOURS.toNanos(1));
    begin(reads).close();
    assertThat(bytesAfterStart(reads)).isZero();
  }

  @Test
  void listsThatAreDamagedOrNameWhatIsGoneLeaveTheStartCold() throws Exception {
    useSomePages();
    Path list = folder.resolve("cache/node.warm");
    Path kept = Files.copy(list, folder.resolve("kept"));
    byte[] damaged = Files.readAllBytes(list);
    damaged[damaged.length / 2] ^= 1;
    for (byte[] bytes : new byte[][] {damaged, {}, new byte[17 << 20]}) {
      Files.write(list, bytes);
      SegmentReads reads = reads();
      begin(reads).close();
      assertThat(bytesAfterStart(reads)).isZero();
      assertThat(Files.size(list)).as("written anew").isBetween(1L, 1000L);
    }
    Files.copy(kept, list, StandardCopyOption.REPLACE_EXISTING);
    objects.delete("segments/1");
    SegmentReads reads = reads();
    begin(reads).close();
    assertThat(bytesAfterStart(reads)).isZero();
  }
}
