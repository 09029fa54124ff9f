package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.shard.DuplicateKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds a key that two chunks share, in memory that does not depend on how many rows and chunks
 * there are. Goes up the keys in ranges in which the chunks together have no more keys than there
 * is room for their hashes; chunks are read one after the other in each range. Ranges in which
 * there is only one chunk are not read.
 *
 * <pre>
 * keys --->
 * chunk 1   |=============|===|=====|
 * chunk 2                 |===|=====|=====|
 * chunk 3                     |=====|=====|======|
 *            not read      a    b     c    not read
 * </pre>
 *
 * <p>Equal hashes are a suspicion: the keys of the range that have that hash are compared. Used by
 * one thread, once.
 */
final class ChunkOverlap {
  private final List<Segment> chunks;
  private final long[] hashes;
  private final Deadline deadline;
  private final LongSupplier nanoClock;

  /** Some chunks with keys at and above {@code from} and below {@code to}; null = to the end. */
  private record Range(List<Segment> chunks, byte[] from, byte @Nullable [] to) {
    boolean reachesBehind(ChunkKeys keys) {
      byte[] end = to;
      return end == null || keys.compareTo(end) < 0;
    }
  }

  /**
   * @param chunks each without a key that it has twice
   * @param memoryBytes for hashes; at least two for each chunk are held
   * @param deadline checked before each range
   */
  ChunkOverlap(List<Segment> chunks, long memoryBytes, Deadline deadline, LongSupplier nanoClock) {
    this.chunks = chunks;
    long rows = chunks.stream().mapToLong(chunk -> chunk.meta().rows()).sum();
    long room = Math.max(memoryBytes / Long.BYTES, 2L * chunks.size());
    this.hashes = new long[(int) Math.min(Math.min(rows, room), 1 << 30)];
    this.deadline = deadline;
    this.nanoClock = nanoClock;
  }

  /** 23505 if two chunks share a key, QUERY_CANCELED at the deadline. */
  void check() {
    byte[] from = leastAbove(null);
    while (from != null) {
      deadline.check(nanoClock.getAsLong());
      Range range = rangeFrom(from);
      if (range.chunks().size() > 1) {
        check(range);
      }
      from = range.to();
    }
  }

  /** Where the first chunk begins that begins above the key; null = none does. */
  private byte @Nullable [] leastAbove(byte @Nullable [] key) {
    byte[] least = null;
    for (Segment chunk : chunks) {
      byte[] min = chunk.meta().minKey();
      if ((key == null || Arrays.compareUnsigned(min, key) > 0)
          && (least == null || Arrays.compareUnsigned(min, least) < 0)) {
        least = min;
      }
    }
    return least;
  }

  private Range rangeFrom(byte[] from) {
    List<Segment> inside =
        chunks.stream()
            .filter(chunk ->
                Arrays.compareUnsigned(chunk.meta().minKey(), from) <= 0
                    && Arrays.compareUnsigned(chunk.meta().maxKey(), from) >= 0)
            .toList();
    byte[] to = leastAbove(from);
    if (inside.size() > 1) {
      int each = hashes.length / inside.size();
      for (Segment chunk : inside) {
        byte[] last = keyAt(chunk.reader(), from, each);
        to = to == null || (last != null && Arrays.compareUnsigned(last, to) < 0) ? last : to;
      }
    }
    return new Range(inside, from, to);
  }

  /** The key {@code rows} behind the first one at or above {@code from}; null behind the end. */
  private static byte @Nullable [] keyAt(SegmentReader reader, byte[] from, int rows) {
    long row = reader.lowerBound(from) + rows;
    if (row >= reader.rowCount()) {
      return null;
    }
    var keys = new ChunkKeys(reader, row);
    return keys.next() ? keys.key() : null;
  }

  private void check(Range range) {
    int count = 0;
    for (Segment chunk : range.chunks()) {
      var keys = new ChunkKeys(chunk.reader(), range.from());
      while (keys.next() && range.reachesBehind(keys)) {
        hashes[count++] = keys.hash();
      }
    }
    Arrays.sort(hashes, 0, count);
    for (int i = 1; i < count; i++) {
      if (hashes[i] == hashes[i - 1] && (i == 1 || hashes[i] != hashes[i - 2])) {
        compareKeys(range, hashes[i]);
      }
    }
  }

  private static void compareKeys(Range range, long hash) {
    Set<ByteBuffer> found = new HashSet<>();
    for (Segment chunk : range.chunks()) {
      var keys = new ChunkKeys(chunk.reader(), range.from());
      while (keys.next() && range.reachesBehind(keys)) {
        if (keys.hash() == hash && !found.add(ByteBuffer.wrap(keys.key()))) {
          throw DuplicateKeys.of(keys.key());
        }
      }
    }
  }
}
