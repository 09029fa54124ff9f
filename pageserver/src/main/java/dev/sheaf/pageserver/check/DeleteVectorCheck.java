package dev.sheaf.pageserver.check;

import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether the entries of delete vectors can be: they name segments of the shard or of those that it
 * branched off, written before them; rows that there are; and times at which something had been
 * committed. Entries of segments that have been compacted since are left over and of no account.
 */
final class DeleteVectorCheck {
  private final Map<String, SegmentMeta> segments;
  private final Timestamp newestCommit;
  private final List<ShardObjects> family = new ArrayList<>();
  private final Findings findings;

  /**
   * @param newest with the newest commit that an entry may be of
   * @param segments by key, as far as a manifest names them
   */
  DeleteVectorCheck(Manifest newest, Map<String, SegmentMeta> segments, Findings findings) {
    this.segments = segments;
    this.newestCommit = newest.newestCommit();
    this.findings = findings;
    family.add(new ShardObjects(newest.shard()));
    newest.ancestors().forEach(ancestor -> family.add(new ShardObjects(ancestor.shard())));
  }

  void check(String objectKey, Map<String, DeleteVector> vectors) {
    vectors.forEach((segment, vector) -> {
      checkName(objectKey, segment);
      SegmentMeta meta = segments.get(segment);
      if (meta != null) {
        checkEntries(objectKey, meta, vector);
      }
    });
  }

  private void checkName(String objectKey, String segment) {
    if (family.stream().noneMatch(keys -> keys.isData(segment))) {
      findings.add(objectKey, "it has entries of " + segment + ", which is not of this database");
      return;
    }
    for (ShardObjects keys : family) {
      if (keys.owns(objectKey) && keys.owns(segment) && isLater(segment, objectKey)) {
        findings.add(objectKey, "it has entries of " + segment + ", which was written after it");
      }
    }
  }

  private static boolean isLater(String key, String other) {
    int byTerm = ShardObjects.termOf(key).compareTo(ShardObjects.termOf(other));
    return byTerm > 0
        || (byTerm == 0 && ShardObjects.sequenceOf(key) > ShardObjects.sequenceOf(other));
  }

  private void checkEntries(String objectKey, SegmentMeta segment, DeleteVector vector) {
    for (int i = 0; i < vector.size(); i++) {
      int row = vector.rows()[i];
      long since = vector.since()[i];
      if (row >= segment.rows()) {
        findings.add(
            objectKey,
            "it has an entry of row %d of %s, which has %d rows"
                .formatted(row, segment.objectKey(), segment.rows()));
      }
      if (since <= segment.minTimestamp().value() || since > newestCommit.value()) {
        findings.add(
            objectKey,
            "it has row %d of %s superseded at %s, which cannot be: its rows begin at %s, commits end at %s"
                .formatted(
                    row,
                    segment.objectKey(),
                    new Timestamp(since),
                    segment.minTimestamp(),
                    newestCommit));
      }
    }
  }
}
