package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.memtable.VersionCursor;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardService.Head;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of a range has enough rows in the memtables, so that a reader of its first or last few
 * rows need not wait until all of its versions were looked at.
 */
final class HeadRange {
  private HeadRange() {}

  /**
   * The part of the range with as many visible rows in the memtables as the head has, at that end
   * from which they are wanted: up to the first key behind them that has a version of that time.
   * Null if there is no such key.
   */
  static @Nullable KeyRange of(
      List<Memtable> memtables, KeyRange range, Timestamp snapshot, Head head) {
    var versions =
        head.last()
            ? VersionCursor.backward(memtables, range)
            : new VersionCursor(memtables, range);
    byte[] key = null;
    boolean live = false;
    int rows = 0;
    while (true) {
      VersionCursor.Found found = versions.next();
      if (found == null) {
        return null;
      }
      if (found.key().timestamp() > snapshot.value()) {
        // Another owner that has applied less must come to the same part.
        continue;
      }
      boolean another = key == null || !found.key().hasKey(key);
      if (another) {
        rows += live ? 1 : 0;
        key = found.key().key();
        if (rows == head.rows()) {
          return upTo(key, range, head);
        }
      }
      // The newest version counts: the first of a key, or going backward the last.
      if (another || head.last()) {
        live = !found.version().isDeletion();
      }
    }
  }

  /** Without the key. */
  private static KeyRange upTo(byte[] key, KeyRange range, Head head) {
    return head.last()
        ? new KeyRange(Arrays.copyOf(key, key.length + 1), range.endExclusive())
        : new KeyRange(range.startInclusive(), key);
  }
}
