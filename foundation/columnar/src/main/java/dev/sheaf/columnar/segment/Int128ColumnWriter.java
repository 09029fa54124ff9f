package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** INT128: the high words, mostly all 0 or -1, and the low words apart. */
final class Int128ColumnWriter extends ColumnWriter {
  private final long[] high = new long[Page.ROWS];
  private final long[] low = new long[Page.ROWS];
  private final NullMask mask = new NullMask();
  private int rows;
  private long minHigh;
  private long minLow;
  private long maxHigh;
  private long maxLow;
  private boolean known;
  private int groupNulls;

  Int128ColumnWriter(SegmentColumn column, Path file) {
    super(column, file);
  }

  @Override
  void append(Vec vec, int @Nullable [] selection, int from, int to) {
    if (!(vec instanceof Int128Vec wide)) {
      throw wrongType(vec);
    }
    for (int i = from; i < to; i++) {
      int row = row(selection, i);
      if (wide.isNull(row)) {
        mask.setNull(rows);
      } else {
        add(wide.high()[row], wide.low()[row]);
      }
      if (++rows == Page.ROWS) {
        flush();
      }
    }
  }

  private void add(long valueHigh, long valueLow) {
    mask.setPresent(rows);
    high[rows] = valueHigh;
    low[rows] = valueLow;
    if (!known || compare(valueHigh, valueLow, minHigh, minLow) < 0) {
      minHigh = valueHigh;
      minLow = valueLow;
    }
    if (!known || compare(valueHigh, valueLow, maxHigh, maxLow) > 0) {
      maxHigh = valueHigh;
      maxLow = valueLow;
    }
    known = true;
  }

  private static int compare(long highA, long lowA, long highB, long lowB) {
    int byHigh = Long.compare(highA, highB);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(lowA, lowB);
  }

  private void flush() {
    mask.fill(high, rows);
    mask.fill(low, rows);
    mask.writeHead(Page.INT128, rows, page);
    if (mask.nulls() < rows) {
      int bodyAt = page.size();
      IntegerStream.encode(high, rows, Access.SEQUENTIAL, page);
      IntegerStream.encode(low, rows, Access.SEQUENTIAL, page);
      compressBody(bodyAt);
    }
    emit(rows);
    groupNulls += mask.nulls();
    mask.clear();
    rows = 0;
  }

  @Override
  void endGroup() {
    if (rows > 0) {
      flush();
    }
    block(
        new ZoneMap(
            known ? Int128Vec.toBigInteger(minHigh, minLow) : null,
            known ? Int128Vec.toBigInteger(maxHigh, maxLow) : null,
            groupNulls,
            false),
        false);
    known = false;
    groupNulls = 0;
  }
}
