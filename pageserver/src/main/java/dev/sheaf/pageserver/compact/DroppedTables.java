package dev.sheaf.pageserver.compact;

import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.tree.KeyLookup;
import dev.sheaf.pageserver.tree.KeyLookup.Latest;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.catalog.CatalogKeys;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.SheafException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Since when tables are dropped: the catalog, which is rows of the same shard, has the deletion of
 * their descriptors. A row of such a table is visible before that, whatever its delete vector says:
 * after it no snapshot knows the table. A table that never had a descriptor is not dropped.
 *
 * <p>A table is looked up once for each flushed change of the catalog. Used by one thread at a
 * time.
 */
public final class DroppedTables {
  private static final System.Logger LOG = System.getLogger(DroppedTables.class.getName());

  private final BooleanSupplier stopped;
  private final Map<Integer, Long> known = new HashMap<>();
  private long knownAt = -1;

  /**
   * @param stopped whether the shard is not served here any more, and its segments not to be read
   */
  public DroppedTables(BooleanSupplier stopped) {
    this.stopped = stopped;
  }

  /**
   * @param since of those that are dropped
   * @param complete whether the catalog could be read
   */
  public record Drops(Map<Integer, Long> since, boolean complete) {
    /** Since when the table is dropped, {@link DeleteVector#NEVER} if it is not. */
    public long since(int tableId) {
      return since.getOrDefault(tableId, DeleteVector.NEVER);
    }

    /**
     * Whether the deleted descriptors must stay: there are rows left, or may be, that can go
     * because of them. Compaction would drop a descriptor as well once no readable timestamp sees
     * it, and then nobody would know any more that the table was dropped.
     */
    public boolean areNeeded(Tree tree, ReadableTimes readable) {
      return !complete
          || tree.segments().stream()
              .map(LiveSegment::meta)
              .anyMatch(meta -> isUnreachable(meta, readable));
    }

    private boolean isUnreachable(SegmentMeta meta, ReadableTimes readable) {
      return !readable.reach(meta.minTimestamp().value(), since(meta.tableId()));
    }
  }

  /** May read segments of the catalog; an error is thrown only when the shard is stopped. */
  public Drops in(Tree tree) {
    if (tree.segmentsOf(CatalogKeys.TABLES_ID).stream().allMatch(s -> s.deleted().size() == 0)) {
      // No descriptor was ever replaced or deleted: the catalog of an idle shard stays unread.
      return new Drops(Map.of(), true);
    }
    long change = tree.newestChange(CatalogKeys.TABLES_ID);
    if (change != knownAt) {
      known.clear();
      knownAt = change;
    }
    var since = new HashMap<Integer, Long>();
    try {
      for (LiveSegment segment : tree.segments()) {
        int tableId = segment.meta().tableId();
        if (tableId >= TableDescriptor.FIRST_USER_TABLE_ID) {
          since.put(tableId, known.computeIfAbsent(tableId, id -> lookUp(tree, id)));
        }
      }
      return new Drops(since, true);
    } catch (SheafException e) {
      if (stopped.getAsBoolean()) {
        throw e;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot tell now which tables are dropped, their rows stay: " + e.message());
      return new Drops(since, false);
    }
  }

  private static long lookUp(Tree tree, int tableId) {
    Latest descriptor = KeyLookup.latest(tree, CatalogKeys.table(tableId));
    boolean dropped = !descriptor.live() && descriptor.timestamp() > 0;
    return dropped ? descriptor.timestamp() : DeleteVector.NEVER;
  }
}
