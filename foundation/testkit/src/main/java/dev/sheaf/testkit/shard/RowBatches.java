package dev.sheaf.testkit.shard;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Batches from rows of plain values and back; slow and simple. */
public final class RowBatches {
  private RowBatches() {}

  /**
   * @param rows a value (its {@link PhysicalType} Java form, or null) for each type
   */
  public static Batch of(List<PhysicalType> types, List<@Nullable Object[]> rows) {
    Vec[] columns = new Vec[types.size()];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = column(types.get(c), rows, c);
    }
    return Batch.of(columns, rows.size());
  }

  private static Vec column(PhysicalType type, List<@Nullable Object[]> rows, int c) {
    int size = rows.size();
    long[] validity = null;
    long[] longs = new long[size];
    long[] lows = new long[size];
    int[] ints = new int[size];
    int[] lengths = new int[size];
    byte[] bools = new byte[size];
    double[] doubles = new double[size];
    var data = new ByteArrayOutputStream();
    for (int i = 0; i < size; i++) {
      switch (rows.get(i)[c]) {
        case null -> {
          validity = validity == null ? Validity.allValid(size) : validity;
          Validity.setNull(validity, i);
        }
        case Boolean value -> bools[i] = (byte) (value ? 1 : 0);
        case Integer value -> ints[i] = value;
        case Long value -> longs[i] = value;
        case BigInteger value -> {
          longs[i] = value.shiftRight(64).longValue();
          lows[i] = value.longValue();
        }
        case Double value -> doubles[i] = value;
        case byte[] value -> {
          ints[i] = data.size();
          lengths[i] = value.length;
          data.writeBytes(value);
        }
        case Object value -> throw new IllegalArgumentException("no value: " + value);
      }
    }
    return switch (type) {
      case BOOL -> new Vec.BoolVec(bools, validity, size);
      case INT -> new Vec.IntVec(ints, validity, size);
      case LONG -> new Vec.LongVec(longs, validity, size);
      case INT128 -> new Vec.Int128Vec(longs, lows, validity, size);
      case DOUBLE -> new Vec.DoubleVec(doubles, validity, size);
      case BYTES -> Vec.BytesVec.of(data.toByteArray(), ints, lengths, validity, size);
    };
  }

  /** The live rows' values. */
  public static List<@Nullable Object[]> rows(Batch batch) {
    var rows = new ArrayList<@Nullable Object[]>();
    for (int i = 0; i < batch.selected(); i++) {
      @Nullable Object[] row = new Object[batch.columns().length];
      for (int c = 0; c < row.length; c++) {
        row[c] = batch.column(c).value(batch.row(i));
      }
      rows.add(row);
    }
    return rows;
  }
}
