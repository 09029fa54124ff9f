package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of several owners are fetched one after the other and share one bound. */
final class WarmUpsTest {
  private static final int ROWS = SegmentReader.ROW_GROUP_ROWS;

  /** Of a cache of this size half is less than two segments. */
  private static final int CACHE_BYTES = 1 << 20;

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();
  private final long[] sizes = new long[4];
  private HotPages hot;
  private final ArrayDeque<Runnable> background = new ArrayDeque<>();
  private final List<String> ended = new ArrayList<>();
  private long now;
  private BlockCache cache;
  private WarmUps warmUps;

  @BeforeEach
  void scanSegmentsTwice() {
    var columns = List.of(new SegmentColumn(1, PhysicalType.LONG));
    byte[][] keys = new byte[ROWS][];
    Arrays.setAll(keys, i -> new byte[] {(byte) (i >>> 8), (byte) i});
    Vec[] vecs = {
      SegmentRoundTripTest.views(keys), new LongVec(new Random(3).longs(ROWS).toArray(), null, ROWS)
    };
    var used = new BlockCache(32 << 20);
    var segments = new Segments(objects, used);
    for (int i = 0; i < sizes.length; i++) {
      try (var writer = new SegmentWriter(folder.resolve("s" + i), columns, false)) {
        writer.append(Batch.of(vecs, ROWS), null);
        sizes[i] = objects.add("s" + i, writer.finish().path()).sizeBytes();
      }
      for (int round = 0; round < 3; round++) {
        assertThat(segments.open("s" + i, sizes[i]).read(1, 0, 0, ROWS).size()).isEqualTo(ROWS);
      }
    }
    hot = HotPages.of(used, 16 << 20);
    objects.takeReads();
    cache = new BlockCache(CACHE_BYTES);
    warmUps = new WarmUps(new Segments(objects, cache), cache, background::add, () -> now);
  }

  private void begin(String name, Supplier<HotPages> list) {
    warmUps.begin(
        new WarmUps.Job() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public HotPages list() {
            return list.get();
          }

          @Override
          public boolean isStopped() {
            return name.equals("stopped");
          }

          @Override
          public void ended() {
            ended.add(name);
          }
        });
  }

  private HotPages of(int segment) {
    return hot.only(Map.of("s" + segment, sizes[segment]));
  }

  private void run() {
    while (!background.isEmpty()) {
      background.poll().run();
    }
  }

  private int bytesRead() {
    return objects.takeReads().stream().mapToInt(Integer::intValue).sum();
  }

  @Test
  void allTogetherFetchHalfOfTheCacheAndMoreAsTimePasses() {
    for (int i = 0; i < sizes.length; i++) {
      int segment = i;
      begin("s" + i, () -> of(segment));
    }
    assertThat(background).as("one at a time").hasSize(1);
    assertThat(objects.takeReads()).as("nothing in the foreground").isEmpty();
    run();
    int fetched = bytesRead();
    assertThat(fetched).isBetween(CACHE_BYTES / 2, CACHE_BYTES / 2 + CACHE_BYTES / 8);
    begin("at once", () -> of(3));
    run();
    assertThat(bytesRead()).isZero();
    now += TimeUnit.MINUTES.toNanos(30);
    begin("later", () -> of(3));
    run();
    assertThat(bytesRead()).isBetween(CACHE_BYTES / 4, CACHE_BYTES / 2 + CACHE_BYTES / 8);
    assertThat(ended).containsExactly("s0", "s1", "s2", "s3", "at once", "later");
  }

  @Test
  void whatIsInMemoryIsNotFetchedAgain() {
    begin("first", () -> of(1));
    run();
    assertThat(bytesRead()).isPositive();
    begin("second", () -> of(1));
    run();
    assertThat(bytesRead()).isZero();
  }

  @Test
  void listsThatCannotBeUsedOrAreNotWantedLeaveTheOthersAlone() {
    begin(
        "damaged",
        () -> {
          throw new SheafException(ErrorCode.DATA_CORRUPTED, "damaged");
        });
    begin(
        "defect",
        () -> {
          throw new IllegalStateException("a defect");
        });
    begin("stopped", () -> of(1));
    begin("whole", () -> of(2));
    run();
    assertThat(bytesRead()).isPositive();
    assertThat(cache.holds(new BlockCache.Key("s1", 1, 0))).isFalse();
    assertThat(cache.holds(new BlockCache.Key("s2", 1, 0))).isTrue();
    assertThat(ended).containsExactly("damaged", "defect", "stopped", "whole");
  }

  @Test
  void whoeverWaitsTooLongBeginsCold() {
    begin("late", () -> of(1));
    now += TimeUnit.MINUTES.toNanos(3);
    run();
    assertThat(bytesRead()).isZero();
    assertThat(ended).containsExactly("late");
  }

  @Test
  void theEndOfTheProcessEndsAll() {
    warmUps =
        new WarmUps(
            new Segments(objects, cache),
            cache,
            task -> {
              throw new RejectedExecutionException("closed");
            },
            () -> now);
    begin("one", () -> of(1));
    begin("two", () -> of(2));
    assertThat(ended).containsExactly("one", "two");
  }
}
