package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.memtable.Version;
import dev.sheaf.pageserver.memtable.Version.SupersededRow;
import dev.sheaf.pageserver.memtable.VersionCursor;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.TableSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scan of a range has to read at a snapshot.
 *
 * <p>A version supersedes the newest one before it, wherever that lies. Where that is a segment's
 * row, the row is looked up once and remembered with the version; the flush that writes the version
 * to a segment turns it into an entry of the delete vector (of a segment that has been compacted
 * meanwhile it is looked up again). So segments need no merge by key: they are masked. Commits up
 * to the snapshot must have been applied.
 */
public final class RangeLookup {
  private RangeLookup() {}

  /**
   * @param tailRows number of memtable rows visible at the snapshot, at most
   */
  public record Found(List<SegmentView> segments, long tailRows) {}

  public static Found find(Tree tree, KeyRange range, Timestamp snapshot) {
    var masked = new HashMap<Integer, IntList>();
    long tailRows = 0;
    var versions = new VersionCursor(tree.memtables(), range);
    while (true) {
      VersionCursor.Found found = versions.next();
      if (found == null) {
        break;
      }
      if (found.key().timestamp() > snapshot.value()) {
        continue;
      }
      tailRows += found.version().isDeletion() ? 0 : 1;
      SupersededRow row = superseded(tree, found);
      if (row != SupersededRow.NONE) {
        masked.computeIfAbsent(row.segment(), number -> new IntList()).add(row.row());
      }
    }
    var views = new ArrayList<SegmentView>();
    for (LiveSegment segment : tree.segmentsOf(TableKey.tableIdOf(range.startInclusive()))) {
      SegmentMeta meta = segment.meta();
      if (range.overlaps(meta.minKey(), meta.maxKey())
          && meta.minTimestamp().compareTo(snapshot) <= 0
          && !segment.isHistoryAt(snapshot)) {
        views.add(view(segment, range, snapshot, masked.get(segment.segment().number())));
      }
    }
    return new Found(views, tailRows);
  }

  private static SegmentView view(
      LiveSegment segment, KeyRange range, Timestamp snapshot, @Nullable IntList masked) {
    SegmentMeta meta = segment.meta();
    int[] deleted = segment.deleted().at(snapshot);
    return new SegmentView(
        meta.objectKey(),
        meta.sizeBytes(),
        meta.rows(),
        meta.fixedTimestamp(),
        meta.capped() || meta.maxTimestamp().isAfter(snapshot)
            ? meta.newestVisible(snapshot)
            : Timestamp.MAX,
        !(range.contains(meta.minKey()) && range.contains(meta.maxKey())),
        masked == null ? deleted : union(deleted, masked.sorted()));
  }

  /**
   * The segment row that a version supersedes, NONE if there is none (yet: the version before it
   * may itself still be in an older memtable).
   */
  public static SupersededRow superseded(Tree tree, VersionCursor.Found found) {
    return superseded(
        tree, found.key().key(), found.key().timestamp(), found.version(), found.memtable());
  }

  /** Likewise. */
  public static SupersededRow superseded(
      Tree tree, byte[] key, long timestamp, Version version, Memtable memtable) {
    SupersededRow known = version.superseded();
    // What is remembered may lie in a segment that was compacted, or is not in this picture yet.
    if (known != null && (known == SupersededRow.NONE || tree.has(known.segment()))) {
      return known;
    }
    KeyLookup.Hit before = KeyLookup.newest(tree, key, timestamp - 1);
    @Nullable SupersededRow row =
        switch (before) {
          case null -> SupersededRow.NONE;
          case KeyLookup.InMemory m -> {
            if (m.memtable() != memtable) {
              // That version will have a row once its memtable is flushed: look again then.
              yield null;
            }
            yield SupersededRow.NONE;
          }
          case KeyLookup.InSegment s -> new SupersededRow(s.segment().segment().number(), s.row());
        };
    if (row == null) {
      return SupersededRow.NONE;
    }
    version.remember(row);
    return row;
  }

  private static int[] union(int[] a, int[] b) {
    int[] out = new int[a.length + b.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      int next = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
      if (n == 0 || out[n - 1] != next) {
        out[n++] = next;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private static final class IntList {
    private int[] values = new int[16];
    private int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = value;
    }

    int[] sorted() {
      int[] out = Arrays.copyOf(values, size);
      Arrays.sort(out);
      return out;
    }
  }

  /** Estimated live rows and bytes of a table. */
  public static TableSize sizeOf(Tree tree, int tableId) {
    long rows = 0;
    long bytes = 0;
    for (LiveSegment segment : tree.segmentsOf(tableId)) {
      SegmentMeta meta = segment.meta();
      long live = meta.rows() - segment.deleted().size();
      rows += live;
      bytes += meta.sizeBytes() * live / meta.rows();
    }
    for (Memtable memtable : tree.memtables()) {
      rows += memtable.rowsOf(tableId);
      bytes += memtable.bytesOf(tableId);
    }
    return new TableSize(Math.max(0, rows), bytes);
  }
}
