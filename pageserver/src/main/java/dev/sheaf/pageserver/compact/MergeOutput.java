package dev.sheaf.pageserver.compact;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.segment.SegmentDraft;
import dev.sheaf.pageserver.segment.SegmentStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows, which come in order, as segments of bounded size. Rows are selected from a page
 * first and written together. Used by one thread.
 */
final class MergeOutput implements AutoCloseable {
  /** Row numbers are ints, and delete vectors lie in memory. */
  private static final long MAX_ROWS = 1 << 24;

  private final SegmentStore store;
  private final int tableId;
  private final List<SegmentColumn> columns;
  private final long segmentBytes;
  private final Supplier<String> objectKeys;
  private final Map<SegmentMeta, DeleteVector> uploaded;

  private final int[] selection = new int[Batch.MAX_ROWS];
  private final long[] selectedSince = new long[Batch.MAX_ROWS];
  private int selected;

  private @Nullable SegmentDraft draft;

  /** Of the draft's superseded rows. */
  private int[] rows = new int[0];

  private long[] since = new long[0];
  private int superseded;

  /**
   * @param uploaded gets what is uploaded
   */
  MergeOutput(
      SegmentStore store,
      int tableId,
      List<SegmentColumn> columns,
      long segmentBytes,
      Supplier<String> objectKeys,
      Map<SegmentMeta, DeleteVector> uploaded) {
    this.store = store;
    this.tableId = tableId;
    this.columns = columns;
    this.segmentBytes = segmentBytes;
    this.objectKeys = objectKeys;
    this.uploaded = uploaded;
  }

  /** Chooses a row of the page, rows ascending. */
  void select(int row, long supersededSince) {
    selection[selected] = row;
    selectedSince[selected++] = supersededSince;
  }

  /** Writes the chosen rows. */
  void append(Batch page, long[] timestamps) {
    if (selected == 0) {
      return;
    }
    SegmentDraft into = draft;
    if (into == null) {
      into = store.draft(columns, true);
      draft = into;
    }
    int first = (int) into.rowCount();
    into.append(page.select(selection, selected), timestamps);
    for (int i = 0; i < selected; i++) {
      if (selectedSince[i] != DeleteVector.NEVER) {
        supersede(first + i, selectedSince[i]);
      }
    }
    selected = 0;
    if (into.sizeBytes() >= segmentBytes || into.rowCount() >= MAX_ROWS) {
      finish();
    }
  }

  private void supersede(int row, long at) {
    if (superseded == rows.length) {
      int room = Math.max(1024, superseded * 2);
      rows = Arrays.copyOf(rows, room);
      since = Arrays.copyOf(since, room);
    }
    rows[superseded] = row;
    since[superseded++] = at;
  }

  /** Uploads what has been written. */
  void finish() {
    SegmentDraft written = draft;
    if (written == null) {
      return;
    }
    draft = null;
    try (written) {
      SegmentMeta meta = written.uploadVersions(objectKeys.get(), tableId);
      uploaded.put(
          meta,
          new DeleteVector(Arrays.copyOf(rows, superseded), Arrays.copyOf(since, superseded)));
    }
    rows = new int[0];
    since = new long[0];
    superseded = 0;
  }

  @Override
  public void close() {
    SegmentDraft left = draft;
    if (left != null) {
      left.close();
    }
  }
}
