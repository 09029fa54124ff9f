package dev.sheaf.pageserver.check;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.RangeReader;
import dev.sheaf.columnar.segment.SegmentFile;
import dev.sheaf.columnar.segment.SegmentSource;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Whether at most one version of each key is visible at any time: a version that has a successor
 * must be marked as superseded since then, or before if it was deleted first. The segments of a
 * table are merged by key for it; those are open that may hold the key at hand. Used by one thread.
 */
final class VersionChains {
  /** Of pages, for the segments that are open. */
  private static final long ALL_CACHES_BYTES = 32L << 20;

  private static final long LEAST_CACHE_BYTES = 1L << 20;
  private static final long MOST_CACHE_BYTES = 8L << 20;
  private static final int ROWS_A_STEP = 4096;

  private final RangeReader reader;
  private final Findings findings;
  private final Tally tally;

  /** The newest of the versions at hand: of the key, when written, and where. */
  private byte @Nullable [] key;

  private Timestamp written = Timestamp.ZERO;
  private String newerIn = "";
  private long newerRow;

  VersionChains(RangeReader reader, Findings findings, Tally tally) {
    this.reader = reader;
    this.findings = findings;
    this.tally = tally;
  }

  /**
   * @param segments of one table, which can be read
   */
  void check(List<SegmentMeta> segments, Map<String, DeleteVector> deleted) {
    key = null;
    Queue<SegmentMeta> waiting =
        new ArrayDeque<>(
            segments.stream()
                .sorted(Comparator.comparing(SegmentMeta::minKey, Arrays::compareUnsigned))
                .toList());
    long cacheBytes =
        Math.clamp(
            ALL_CACHES_BYTES / Math.max(1, segments.size()), LEAST_CACHE_BYTES, MOST_CACHE_BYTES);
    var open = new PriorityQueue<ChainCursor>();
    long rows = 0;
    while (!waiting.isEmpty() || !open.isEmpty()) {
      while (!waiting.isEmpty() && isNext(waiting.element(), open.peek())) {
        SegmentMeta meta = waiting.remove();
        open(meta, deleted.getOrDefault(meta.objectKey(), DeleteVector.NONE), cacheBytes, open);
      }
      ChainCursor at = open.poll();
      if (at != null) {
        row(at);
        advance(at, open);
        if (++rows % ROWS_A_STEP == 0) {
          tally.step();
        }
      }
    }
  }

  private static boolean isNext(SegmentMeta meta, @Nullable ChainCursor first) {
    return first == null || !first.isBefore(meta.minKey());
  }

  private void open(
      SegmentMeta meta, DeleteVector deleted, long cacheBytes, PriorityQueue<ChainCursor> open) {
    try {
      var source = new SegmentSource(meta.objectKey(), meta.sizeBytes(), reader);
      SegmentFile file = SegmentFile.open(source, new BlockCache(cacheBytes));
      advance(new ChainCursor(meta, deleted, file), open);
    } catch (SheafException e) {
      findings.add(meta.objectKey(), e);
    }
  }

  private void advance(ChainCursor cursor, PriorityQueue<ChainCursor> open) {
    try {
      if (cursor.next()) {
        open.add(cursor);
      }
    } catch (SheafException e) {
      findings.add(cursor.objectKey(), e);
    }
  }

  private void row(ChainCursor at) {
    byte[] newer = key;
    if (newer != null && at.hasKey(newer)) {
      if (at.written().equals(written) || at.since() > written.value()) {
        findings.add(
            at.objectKey(),
            "row %d, key %s, of %s: it is visible together with row %d of %s, of %s"
                .formatted(
                    at.row(),
                    HexFormat.of().formatHex(newer),
                    at.written(),
                    newerRow,
                    newerIn,
                    written));
      }
    } else {
      key = at.key();
    }
    written = at.written();
    newerIn = at.objectKey();
    newerRow = at.row();
  }
}
