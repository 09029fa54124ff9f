package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentIndexCodec.ColumnEntry;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes one segment file from rows in key order. Holds about one page of each column (a
 * dictionary's worth for repetitive BYTES): columns are kept apart in files beside the target until
 * {@link #finish} puts them one behind the other. Layout: {@link SegmentLayout}.
 *
 * <p>Not thread-safe. {@link #close} without finish leaves no file.
 */
public final class SegmentWriter implements AutoCloseable {
  private final Path file;
  private final BloomWriter bloom;
  private final KeyColumnWriter keys;
  private final @Nullable IntegerColumnWriter timestamps;
  private final List<ColumnWriter> columns = new ArrayList<>();

  private long rowCount;
  private int groupRows;
  private long lastTimestamp;
  private long minTimestamp = Long.MAX_VALUE;
  private long maxTimestamp;
  private boolean finished;

  /**
   * @param file the segment to create; temporary files get its name with a suffix
   * @param columns the table's columns, ascending by id, ids from 1
   * @param withTimestamps false when all rows have one commit timestamp, kept elsewhere; then keys
   *     must be distinct
   */
  public SegmentWriter(Path file, List<SegmentColumn> columns, boolean withTimestamps) {
    this.file = file.toAbsolutePath();
    this.bloom = new BloomWriter(this.file);
    this.keys = new KeyColumnWriter(this.file, bloom);
    this.timestamps =
        withTimestamps
            ? new IntegerColumnWriter(
                new SegmentColumn(SegmentLayout.TIMESTAMP_COLUMN, PhysicalType.LONG), this.file)
            : null;
    int last = SegmentReader.KEY_COLUMN;
    for (SegmentColumn column : columns) {
      if (column.columnId() <= last) {
        throw SegmentErrors.misuse("columns of a segment must ascend by id, from 1: " + columns);
      }
      last = column.columnId();
      this.columns.add(ColumnWriter.of(column, this.file));
    }
  }

  /**
   * Appends the live rows of a batch.
   *
   * @param rows the key (BYTES), then the columns in the writer's order; keys ascend, over batches
   *     too
   * @param commitTimestamps of the batch's physical rows, strictly descending among rows of one
   *     key; null when the writer stores none
   * @throws dev.sheaf.protocol.error.SheafException XX000 when order or types are not as agreed;
   *     the writer can then only be closed
   */
  public void append(Batch rows, long @Nullable [] commitTimestamps) {
    if (finished || rows.columns().length != columns.size() + 1) {
      throw SegmentErrors.misuse(
          "a segment of %d columns cannot take a batch of %d"
              .formatted(columns.size() + 1, rows.columns().length));
    }
    if ((commitTimestamps == null) != (timestamps == null)) {
      throw SegmentErrors.misuse("timestamps are given for all rows of a segment or for none");
    }
    for (int c = 0; c < columns.size(); c++) {
      if (rows.column(c + 1).type() != columns.get(c).column().type()) {
        throw columns.get(c).wrongType(rows.column(c + 1));
      }
    }
    for (int from = 0; from < rows.selected(); ) {
      int room = SegmentReader.ROW_GROUP_ROWS - groupRows;
      int to = Math.min(rows.selected(), from + room);
      appendToGroup(rows, commitTimestamps, from, to);
      groupRows += to - from;
      rowCount += to - from;
      from = to;
      if (groupRows == SegmentReader.ROW_GROUP_ROWS) {
        endGroup();
      }
    }
  }

  private void appendToGroup(Batch rows, long @Nullable [] commitTimestamps, int from, int to) {
    if (!(rows.column(0) instanceof BytesVec batchKeys)) {
      throw keys.wrongType(rows.column(0));
    }
    for (int i = from; i < to; i++) {
      int row = rows.row(i);
      boolean repeated = keys.add(batchKeys, row);
      if (timestamps != null && commitTimestamps != null) {
        addTimestamp(timestamps, commitTimestamps[row], repeated);
      } else if (repeated) {
        throw SegmentErrors.misuse("two rows of a segment without timestamps have one key");
      }
    }
    for (int c = 0; c < columns.size(); c++) {
      columns.get(c).append(rows.column(c + 1), rows.selection(), from, to);
    }
  }

  private void addTimestamp(IntegerColumnWriter into, long timestamp, boolean repeatedKey) {
    if (timestamp < 0 || (repeatedKey && timestamp >= lastTimestamp)) {
      throw SegmentErrors.misuse("versions of a key must descend by timestamp");
    }
    lastTimestamp = timestamp;
    minTimestamp = Math.min(minTimestamp, timestamp);
    maxTimestamp = Math.max(maxTimestamp, timestamp);
    into.add(timestamp, true);
  }

  private void endGroup() {
    for (ColumnWriter column : inFileOrder()) {
      column.endGroup();
    }
    groupRows = 0;
  }

  /** A group of keys is ended before the bloom filter's: its last page goes into the filter. */
  private List<ColumnWriter> inFileOrder() {
    List<ColumnWriter> all = new ArrayList<>();
    all.add(keys);
    if (timestamps != null) {
      all.add(timestamps);
    }
    all.addAll(columns);
    all.add(bloom);
    return all;
  }

  /** Rows appended so far. */
  public long rowCount() {
    return rowCount;
  }

  /** Bytes of the pages completed so far: the file will be somewhat larger. */
  public long sizeBytes() {
    return inFileOrder().stream().mapToLong(ColumnWriter::sizeBytes).sum();
  }

  /** As {@link #finish(String)}, for a file that is no object, or not yet known which. */
  public SegmentSummary finish() {
    return finish("");
  }

  /**
   * Completes the file. It is not fsynced.
   *
   * @param objectKey under which it will lie; readers refuse it under another one
   */
  public SegmentSummary finish(String objectKey) {
    if (finished) {
      throw SegmentErrors.misuse("the segment is finished");
    }
    if (groupRows > 0) {
      endGroup();
    }
    try {
      SegmentSummary summary = writeFile(objectKey);
      finished = true;
      return summary;
    } catch (IOException e) {
      throw SegmentErrors.cannotWrite(file, e);
    } finally {
      close();
    }
  }

  private SegmentSummary writeFile(String objectKey) throws IOException {
    List<ColumnWriter> all = inFileOrder();
    List<ColumnEntry> entries =
        all.stream().map(c -> new ColumnEntry(c.column(), c.blocks())).toList();
    long indexOffset = SegmentLayout.HEADER_BYTES + sizeBytes();
    byte[] index =
        SegmentLayout.sealIndex(
            objectKey, SegmentIndexCodec.encode(summary(0), entries, keys.fences()));
    var footer = new SegmentLayout.Footer(indexOffset, index.length);
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      PageSpool.writeFully(out, SegmentLayout.header(), SegmentLayout.HEADER_BYTES);
      for (ColumnWriter column : all) {
        column.copyTo(out);
      }
      PageSpool.writeFully(out, index, index.length);
      PageSpool.writeFully(out, footer.encode(), SegmentLayout.FOOTER_BYTES);
      return summary(out.position());
    }
  }

  private SegmentSummary summary(long size) {
    return new SegmentSummary(
        file,
        size,
        rowCount,
        keys.firstKey(),
        keys.lastKey(),
        new Timestamp(maxTimestamp == 0 ? 0 : minTimestamp),
        new Timestamp(maxTimestamp));
  }

  /** Removes the temporary files and, unless finished, the target. Idempotent. */
  @Override
  public void close() {
    try {
      for (ColumnWriter column : inFileOrder()) {
        column.close();
      }
      if (!finished) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw SegmentErrors.cannotWrite(file, e);
    }
  }
}
