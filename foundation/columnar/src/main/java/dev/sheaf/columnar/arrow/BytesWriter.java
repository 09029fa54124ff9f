package dev.sheaf.columnar.arrow;

import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;

/** Columns of variable length; values that lie one after the other are copied in one go. */
enum BytesWriter implements ColumnWriter {
  /** The bytes as they are. */
  PLAIN,
  /** 16 bytes as {@code 8-4-4-4-12} lower-case hexadecimal digits. */
  UUID_TEXT,
  /** Nothing but nulls. */
  NULLS;

  static final int UUID_TEXT_BYTES = 36;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  @Override
  public void write(List<RowRange> ranges, int column, FieldVector out, int rows) {
    var vector = (BaseVariableWidthVector) out;
    int[] offsets = new int[rows + 1];
    if (this != NULLS) {
      fillOffsets(ranges, column, offsets);
    }
    int total = offsets[rows];
    vector.allocateNew((long) total, rows);
    vector
        .getOffsetBuffer()
        .nioBuffer(0, 4 * (rows + 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .put(offsets);
    if (this != NULLS) {
      copyValues(ranges, column, vector.getDataBuffer().nioBuffer(0, total));
      ColumnWriter.writeValidity(ranges, column, vector.getValidityBuffer(), rows);
    }
    vector.setLastSet(rows - 1);
    vector.setValueCount(rows);
  }

  private void fillOffsets(List<RowRange> ranges, int column, int[] offsets) {
    int at = 0;
    int total = 0;
    for (RowRange range : ranges) {
      var values = (BytesVec) range.column(column);
      for (int i = 0; i < range.count(); i++) {
        int row = range.row(i);
        if (!values.isNull(row)) {
          total += this == PLAIN ? values.length()[row] : UUID_TEXT_BYTES;
        }
        offsets[++at] = total;
      }
    }
  }

  private void copyValues(List<RowRange> ranges, int column, ByteBuffer out) {
    for (RowRange range : ranges) {
      var values = (BytesVec) range.column(column);
      if (this == PLAIN) {
        copyRuns(values, range, out);
      } else {
        copyUuids(values, range, out);
      }
    }
  }

  private static void copyRuns(BytesVec values, RowRange range, ByteBuffer out) {
    int runStart = 0;
    int runEnd = 0;
    for (int i = 0; i < range.count(); i++) {
      int row = range.row(i);
      if (values.isNull(row)) {
        continue;
      }
      int start = values.start()[row];
      if (start != runEnd) {
        out.put(values.data(), runStart, runEnd - runStart);
        runStart = start;
      }
      runEnd = start + values.length()[row];
    }
    out.put(values.data(), runStart, runEnd - runStart);
  }

  private static void copyUuids(BytesVec values, RowRange range, ByteBuffer out) {
    byte[] text = new byte[UUID_TEXT_BYTES];
    for (int i = 0; i < range.count(); i++) {
      int row = range.row(i);
      if (values.isNull(row)) {
        continue;
      }
      int at = 0;
      for (int b = 0; b < 16; b++) {
        int value = values.data()[values.start()[row] + b];
        text[at++] = HEX[(value >> 4) & 15];
        text[at++] = HEX[value & 15];
        if (b == 3 || b == 5 || b == 7 || b == 9) {
          text[at++] = '-';
        }
      }
      out.put(text);
    }
  }
}
