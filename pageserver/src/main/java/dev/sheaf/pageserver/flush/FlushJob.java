package dev.sheaf.pageserver.flush;

import dev.sheaf.pageserver.flush.TableDraft.Shape;
import dev.sheaf.pageserver.flush.TableDraft.Written;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.memtable.Version;
import dev.sheaf.pageserver.memtable.Version.SupersededRow;
import dev.sheaf.pageserver.memtable.VersionKey;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.tree.RangeLookup;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one memtable, the oldest, as segments: one per table and set of columns. All versions are
 * kept. A deletion leaves no row; like every version it marks the row before it: in the delete
 * vector of an older segment, or of the very segment being written.
 */
public final class FlushJob {
  private final SegmentStore store;
  private final Supplier<String> objectKeys;

  /**
   * @param objectKeys a new segment's key at each call
   */
  public FlushJob(SegmentStore store, Supplier<String> objectKeys) {
    this.store = store;
    this.objectKeys = objectKeys;
  }

  /**
   * @param segments uploaded, with their first delete vectors
   * @param superseded by number of an older segment: row to timestamp
   */
  public record Result(
      Map<SegmentMeta, DeleteVector> segments, Map<Integer, Map<Integer, Long>> superseded) {}

  /** Reads and uploads; changes nothing that can be seen. */
  public Result run(Tree tree, Memtable memtable) {
    var drafts = new LinkedHashMap<Shape, TableDraft>();
    var superseded = new HashMap<Integer, Map<Integer, Long>>();
    var uploaded = new LinkedHashMap<SegmentMeta, DeleteVector>();
    try {
      write(tree, memtable, drafts, superseded);
      for (TableDraft draft : drafts.values()) {
        Written written = draft.upload(objectKeys.get());
        uploaded.put(written.meta(), written.deleted());
      }
    } catch (RuntimeException e) {
      discard(uploaded.keySet(), e);
      throw e;
    } finally {
      drafts.values().forEach(TableDraft::close);
    }
    return new Result(uploaded, superseded);
  }

  private void write(
      Tree tree,
      Memtable memtable,
      Map<Shape, TableDraft> drafts,
      Map<Integer, Map<Integer, Long>> superseded) {
    @Nullable VersionKey newer = null;
    for (Map.Entry<VersionKey, Version> entry : memtable.all().entrySet()) {
      VersionKey key = entry.getKey();
      Version version = entry.getValue();
      SupersededRow before =
          RangeLookup.superseded(tree, key.key(), key.timestamp(), version, memtable);
      if (before != SupersededRow.NONE) {
        superseded
            .computeIfAbsent(before.segment(), segment -> new HashMap<>())
            .merge(before.row(), key.timestamp(), Math::min);
      }
      byte[] bytes = version.row();
      if (bytes != null) {
        Row row = RowCodec.decode(bytes);
        TableDraft draft =
            drafts.computeIfAbsent(
                Shape.of(key.key(), row), shape -> new TableDraft(store, shape.tableId(), row));
        int number = draft.append(key, row);
        if (newer != null && newer.hasKey(key.key())) {
          draft.supersede(number, newer.timestamp());
        }
      }
      newer = key;
    }
  }

  private void discard(Iterable<SegmentMeta> uploaded, RuntimeException cause) {
    List<SegmentMeta> orphans = new ArrayList<>();
    uploaded.forEach(orphans::add);
    for (SegmentMeta orphan : orphans) {
      try {
        store.discard(orphan.objectKey());
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
