package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.pageserver.memtable.VersionCursor;
import dev.sheaf.pageserver.tree.KeyLookup;
import dev.sheaf.pageserver.tree.KeyLookup.Latest;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.DuplicateKeys;
import java.util.Arrays;
import java.util.List;

/**
 * Proves that a load's chunks share no key with the table. Ranges come first: chunks and segments
 * whose ranges are apart cost nothing. Pure functions; may read segments.
 */
public final class UniquenessCheck {
  private UniquenessCheck() {}

  /**
   * 23505 if a chunk's key has a row in the table, 40001 if it had one deleted since the snapshot.
   */
  public static void againstTable(
      Tree tree, int tableId, List<Segment> chunks, Timestamp snapshot) {
    for (Segment chunk : chunks) {
      var range = new KeyRange(chunk.meta().minKey(), null);
      againstMemtables(tree, chunk, range, snapshot);
      for (LiveSegment existing : tree.segmentsOf(tableId)) {
        if (range.overlaps(existing.meta().minKey(), existing.meta().maxKey())
            && Arrays.compareUnsigned(existing.meta().minKey(), chunk.meta().maxKey()) <= 0) {
          againstSegment(tree, chunk, existing.segment(), snapshot);
        }
      }
    }
  }

  private static void againstMemtables(
      Tree tree, Segment chunk, KeyRange from, Timestamp snapshot) {
    var versions = new VersionCursor(tree.memtables(), from);
    SegmentReader reader = chunk.reader();
    byte[] settled = new byte[0];
    while (true) {
      VersionCursor.Found found = versions.next();
      if (found == null || Arrays.compareUnsigned(found.key().key(), chunk.meta().maxKey()) > 0) {
        return;
      }
      byte[] key = found.key().key();
      if (!Arrays.equals(settled, key)) {
        settled = key;
        if (contains(reader, key)) {
          check(tree, key, snapshot);
        }
      }
    }
  }

  /** Walks the keys of the smaller one and probes the other. */
  private static void againstSegment(
      Tree tree, Segment chunk, Segment existing, Timestamp snapshot) {
    boolean chunkIsSmaller = chunk.meta().rows() <= existing.meta().rows();
    Segment walked = chunkIsSmaller ? chunk : existing;
    Segment probed = chunkIsSmaller ? existing : chunk;
    SegmentReader probe = probed.reader();
    var keys = new ChunkKeys(walked.reader(), probed.meta().minKey());
    while (keys.next() && keys.compareTo(probed.meta().maxKey()) <= 0) {
      byte[] key = keys.key();
      if (contains(probe, key)) {
        check(tree, key, snapshot);
      }
    }
  }

  private static boolean contains(SegmentReader segment, byte[] key) {
    return segment.mayContain(key) && segment.find(key, Timestamp.MAX).isPresent();
  }

  private static void check(Tree tree, byte[] key, Timestamp snapshot) {
    Latest latest = KeyLookup.latest(tree, key);
    if (latest.live()) {
      throw DuplicateKeys.of(key);
    }
    if (latest.timestamp() > snapshot.value()) {
      throw new SheafException(
          ErrorCode.SERIALIZATION_FAILURE,
          "could not serialize access due to a concurrent delete of a loaded key");
    }
  }
}
