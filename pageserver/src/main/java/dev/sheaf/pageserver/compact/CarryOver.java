package dev.sheaf.pageserver.compact;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Rows of a job's inputs that flushes superseded while the job ran: their numbers in the outputs.
 * They were live when it began, so they are in an output, found by key and timestamp. Only a
 * superseded row can be dropped, and one that is superseded stays so since the same time. Used by
 * one thread.
 */
public final class CarryOver {
  private final List<Segment> outputs = new ArrayList<>();
  private final Map<Segment, DeleteVector> seen = new LinkedHashMap<>();
  private final Map<SegmentMeta, Map<Integer, Long>> found = new HashMap<>();

  /**
   * @param opened the outputs with live rows
   */
  public CarryOver(List<LiveSegment> inputs, List<Segment> opened) {
    outputs.addAll(opened);
    inputs.forEach(input -> seen.put(input.segment(), input.deleted()));
  }

  /** Looks for what has been added up to this picture. May read segments. */
  public void advance(Tree tree) {
    for (LiveSegment now : tree.segments()) {
      DeleteVector before = seen.get(now.segment());
      if (before != null && before.size() < now.deleted().size()) {
        advance(now.segment(), before, now.deleted());
        seen.put(now.segment(), now.deleted());
      }
    }
  }

  private void advance(Segment input, DeleteVector before, DeleteVector now) {
    int known = 0;
    for (int i = 0; i < now.size(); i++) {
      int row = now.rows()[i];
      while (known < before.size() && before.rows()[known] < row) {
        known++;
      }
      if (known == before.size() || before.rows()[known] != row) {
        carry(input, row, now.since()[i]);
      }
    }
  }

  private void carry(Segment input, int row, long since) {
    byte[] key = input.key(row);
    long timestamp = input.timestampOf(row);
    for (Segment output : outputs) {
      if (Arrays.compareUnsigned(output.meta().minKey(), key) <= 0
          && Arrays.compareUnsigned(key, output.meta().maxKey()) <= 0) {
        SegmentReader reader = output.reader();
        OptionalLong at = reader.find(key, new Timestamp(timestamp));
        if (at.isPresent() && output.timestampOf(at.getAsLong()) == timestamp) {
          found
              .computeIfAbsent(output.meta(), meta -> new HashMap<>())
              .merge(Math.toIntExact(at.getAsLong()), since, Math::min);
          return;
        }
      }
    }
    throw new SheafException(
        ErrorCode.INTERNAL_ERROR,
        "row " + row + " of " + input.meta().objectKey() + " is missing in its compaction");
  }

  /** The outputs' delete vectors with all that was found. */
  public Map<SegmentMeta, DeleteVector> addTo(Map<SegmentMeta, DeleteVector> vectors) {
    var all = new LinkedHashMap<SegmentMeta, DeleteVector>();
    vectors.forEach(
        (meta, vector) -> all.put(meta, vector.with(found.getOrDefault(meta, Map.of()))));
    return all;
  }
}
