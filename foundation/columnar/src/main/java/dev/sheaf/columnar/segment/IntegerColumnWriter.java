package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** BOOL, INT, LONG and the timestamps. */
final class IntegerColumnWriter extends ColumnWriter {
  private final Access access;
  private final long[] values = new long[Page.ROWS];
  private final NullMask mask = new NullMask();
  private int rows;
  private long min = Long.MAX_VALUE;
  private long max = Long.MIN_VALUE;
  private int groupNulls;

  IntegerColumnWriter(SegmentColumn column, Path file) {
    super(column, file);
    // one version's timestamp is looked up by itself
    this.access =
        column.columnId() == SegmentLayout.TIMESTAMP_COLUMN ? Access.RANDOM : Access.SEQUENTIAL;
  }

  @Override
  void append(Vec vec, int @Nullable [] selection, int from, int to) {
    switch (vec) {
      case BoolVec v -> {
        for (int i = from; i < to; i++) {
          int row = row(selection, i);
          add(v.values()[row], !v.isNull(row));
        }
      }
      case IntVec v -> {
        for (int i = from; i < to; i++) {
          int row = row(selection, i);
          add(v.values()[row], !v.isNull(row));
        }
      }
      case LongVec v -> {
        for (int i = from; i < to; i++) {
          int row = row(selection, i);
          add(v.values()[row], !v.isNull(row));
        }
      }
      case Vec.Int128Vec v -> throw wrongType(v);
      case Vec.DoubleVec v -> throw wrongType(v);
      case Vec.BytesVec v -> throw wrongType(v);
    }
  }

  void add(long value, boolean present) {
    if (present) {
      mask.setPresent(rows);
      values[rows] = value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    } else {
      mask.setNull(rows);
    }
    if (++rows == Page.ROWS) {
      flush();
    }
  }

  private void flush() {
    mask.fill(values, rows);
    mask.writeHead(Page.INTEGERS, rows, page);
    if (mask.nulls() < rows) {
      IntegerStream.encode(values, rows, access, page);
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
    boolean known = min <= max;
    block(
        new ZoneMap(known ? boxed(min) : null, known ? boxed(max) : null, groupNulls, false),
        false);
    min = Long.MAX_VALUE;
    max = Long.MIN_VALUE;
    groupNulls = 0;
  }

  private Object boxed(long value) {
    PhysicalType type = column().type();
    return switch (type) {
      case BOOL -> value != 0;
      case INT -> (int) value;
      case LONG, INT128, DOUBLE, BYTES -> value;
    };
  }
}
