package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.Compression;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns one column's values into pages and blocks. A subclass holds the values of one page (or, for
 * a dictionary, the codes of one row group) and hands each page on as soon as it is full. Not
 * thread-safe.
 */
abstract sealed class ColumnWriter implements AutoCloseable
    permits IntegerColumnWriter,
        DoubleColumnWriter,
        Int128ColumnWriter,
        BytesColumnWriter,
        KeyColumnWriter,
        BloomWriter {
  private final SegmentColumn column;
  private final PageSpool spool;
  private final List<BlockEntry> blocks = new ArrayList<>();
  private List<PageEntry> pages = new ArrayList<>();

  /** The page under construction. */
  final ByteSink page = new ByteSink(1024);

  ColumnWriter(SegmentColumn column, Path file) {
    this.column = column;
    this.spool = new PageSpool(file.resolveSibling(file.getFileName() + ".c" + column.columnId()));
  }

  static ColumnWriter of(SegmentColumn column, Path file) {
    return switch (column.type()) {
      case BOOL, INT, LONG -> new IntegerColumnWriter(column, file);
      case INT128 -> new Int128ColumnWriter(column, file);
      case DOUBLE -> new DoubleColumnWriter(column, file);
      case BYTES -> new BytesColumnWriter(column, file);
    };
  }

  SegmentColumn column() {
    return column;
  }

  List<BlockEntry> blocks() {
    return blocks;
  }

  long sizeBytes() {
    return spool.size();
  }

  void copyTo(FileChannel out) throws IOException {
    spool.copyTo(out);
  }

  /**
   * Appends live rows {@code [from, to)} of a vector: rows of the selection, if there is one. They
   * belong to one row group.
   */
  abstract void append(Vec values, int @Nullable [] selection, int from, int to);

  /** Completes the row group: hands on what is held, ends with {@link #block}. */
  abstract void endGroup();

  /** Hands the page under construction on. */
  final void emit(int rows) {
    pages.add(spool.add(page, rows));
    page.truncate(0);
  }

  final void block(ZoneMap zone, boolean dictionary) {
    blocks.add(new BlockEntry(zone, dictionary, pages));
    pages = new ArrayList<>();
  }

  /** Replaces the body that begins at {@code bodyAt} by a zstd frame if that pays. */
  final void compressBody(int bodyAt) {
    int rawLength = page.size() - bodyAt;
    byte[] frame = Compression.compressIfItPays(page.array(), bodyAt, rawLength);
    if (frame != null) {
      page.array()[0] |= Page.ZSTD;
      page.truncate(bodyAt);
      page.putInt(rawLength);
      page.putBytes(frame, 0, frame.length);
    }
  }

  final SheafException wrongType(Vec values) {
    return SegmentErrors.misuse(
        "column %d of a segment is %s, its values are %s"
            .formatted(column.columnId(), column.type(), values.type()));
  }

  static int row(int @Nullable [] selection, int i) {
    return selection == null ? i : selection[i];
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
