package dev.sheaf.pageserver.compact;

import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.tree.LiveSegment;
import java.util.List;
import java.util.Map;

/**
 * What a job has uploaded, and nobody sees yet.
 *
 * @param inputs with the delete vectors that the job has seen
 * @param outputs with the delete vectors that belong to those
 * @param readable what the outputs have all versions of; to be recorded with them
 */
public record Compacted(
    List<LiveSegment> inputs, Map<SegmentMeta, DeleteVector> outputs, ReadableTimes readable) {

  public long outputBytes() {
    return outputs.keySet().stream().mapToLong(SegmentMeta::sizeBytes).sum();
  }

  public long inputBytes() {
    return inputs.stream().mapToLong(input -> input.meta().sizeBytes()).sum();
  }
}
