package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.memtable.SupersededRows;
import dev.sheaf.pageserver.memtable.Version;
import dev.sheaf.pageserver.memtable.Version.SupersededRow;
import dev.sheaf.pageserver.memtable.VersionBlock;
import dev.sheaf.pageserver.memtable.VersionCursor;
import dev.sheaf.pageserver.memtable.VersionKey;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.rpc.shard.ShardService.Head;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.TableSize;
import java.util.ArrayList;
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
  /**
   * From here on a scan of a whole table reads blocks. Fewer versions are walked: their rows then
   * come in key order, which people like to see, at no price that they would notice.
   */
  private static final int BLOCK_READ_VERSIONS = 1024;

  private RangeLookup() {}

  /**
   * @param covered what this is of; null = the whole range
   * @param tailRows number of memtable rows visible at the snapshot, at most
   * @param blocks where the memtables' rows are to be read, in no order; null = the memtables are
   *     to be walked by key
   */
  public record Found(
      @Nullable KeyRange covered,
      List<SegmentView> segments,
      long tailRows,
      @Nullable List<VersionBlock> blocks) {}

  /**
   * @param head how much of the range is wanted at least; null = all of it, the memtables' rows in
   *     any order
   */
  public static Found find(Tree tree, KeyRange range, Timestamp snapshot, @Nullable Head head) {
    KeyRange covered =
        head == null || head.rows() == Integer.MAX_VALUE
            ? null
            : HeadRange.of(tree.memtables(), range, snapshot, head);
    return find(tree, covered == null ? range : covered, snapshot, covered, head == null);
  }

  private static Found find(
      Tree tree, KeyRange range, Timestamp snapshot, @Nullable KeyRange covered, boolean anyOrder) {
    var masked = new MaskedRows();
    int tableId = TableKey.tableIdOf(range.startInclusive());
    List<VersionBlock> blocks = null;
    long tailRows;
    if (anyOrder && range.equals(KeyRange.ofTable(tableId)) && isLarge(tree, tableId)) {
      blocks = new ArrayList<>();
      tailRows = addBlocks(tree, tableId, snapshot, blocks, masked);
    } else {
      tailRows = walk(tree, range, snapshot, masked);
    }
    var views = new ArrayList<SegmentView>();
    for (LiveSegment segment : tree.segmentsOf(tableId)) {
      SegmentMeta meta = segment.meta();
      if (range.overlaps(meta.minKey(), meta.maxKey())
          && meta.minTimestamp().compareTo(snapshot) <= 0
          && !segment.isHistoryAt(snapshot)) {
        views.add(view(segment, range, snapshot, masked));
      }
    }
    return new Found(covered, views, tailRows, blocks);
  }

  private static boolean isLarge(Tree tree, int tableId) {
    long versions = 0;
    for (Memtable memtable : tree.memtables()) {
      versions += memtable.versionsOf(tableId);
    }
    return versions >= BLOCK_READ_VERSIONS;
  }

  private static long walk(Tree tree, KeyRange range, Timestamp snapshot, MaskedRows masked) {
    long tailRows = 0;
    var versions = new VersionCursor(tree.memtables(), range);
    while (true) {
      VersionCursor.Found found = versions.next();
      if (found == null) {
        return tailRows;
      }
      if (found.key().timestamp() > snapshot.value()) {
        continue;
      }
      tailRows += found.version().isDeletion() ? 0 : 1;
      masked.add(superseded(tree, found));
    }
  }

  private static long addBlocks(
      Tree tree, int tableId, Timestamp snapshot, List<VersionBlock> blocks, MaskedRows masked) {
    long tailRows = 0;
    for (Memtable memtable : tree.memtables()) {
      for (VersionBlock block : memtable.blocksOf(tableId)) {
        blocks.add(block);
        tailRows += block.visibleRows(snapshot);
        addSuperseded(tree, memtable, block, snapshot, masked);
      }
    }
    return tailRows;
  }

  /** Rows superseded by versions of the block: by all of them they are remembered with it. */
  private static void addSuperseded(
      Tree tree, Memtable memtable, VersionBlock block, Timestamp snapshot, MaskedRows masked) {
    boolean all = block.isFull();
    int count = block.writtenBy(snapshot);
    all &= count == block.size();
    SupersededRows known = all ? block.superseded() : null;
    if (known != null && known.bySegment().keySet().stream().allMatch(tree::has)) {
      masked.addAll(known);
      return;
    }
    var found = new MaskedRows();
    boolean settled = all;
    for (int i = 0; i < count; i++) {
      VersionKey key = block.key(i);
      Version version = block.version(i);
      SupersededRow row = superseded(tree, key.key(), key.timestamp(), version, memtable);
      found.add(row);
      settled &= row != SupersededRow.NONE || version.superseded() == SupersededRow.NONE;
    }
    SupersededRows rows = found.toRows();
    masked.addAll(rows);
    if (settled) {
      block.remember(rows);
    }
  }

  private static SegmentView view(
      LiveSegment segment, KeyRange range, Timestamp snapshot, MaskedRows masked) {
    SegmentMeta meta = segment.meta();
    return new SegmentView(
        meta.objectKey(),
        meta.sizeBytes(),
        meta.rows(),
        meta.fixedTimestamp(),
        meta.capped() || meta.maxTimestamp().isAfter(snapshot)
            ? meta.newestVisible(snapshot)
            : Timestamp.MAX,
        !(range.contains(meta.minKey()) && range.contains(meta.maxKey())),
        masked.with(segment.deleted().at(snapshot), segment.segment().number()));
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
