package dev.sheaf.protocol.row;

import dev.sheaf.protocol.type.PhysicalType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a {@link Row}.
 *
 * <pre>
 * | version u8 = 1 | column count varint | per column: id delta varint, tag u8, value |
 * tag: low 4 bits = PhysicalType ordinal, 0x10 = NULL (no value bytes follow)
 * BOOL u8 | INT zigzag varint | LONG zigzag varint | INT128 16 bytes BE | DOUBLE 8 bytes BE | BYTES varint length, bytes
 * </pre>
 *
 * Pure and thread-safe. Integrity is the container's duty (log record, segment): see their
 * checksums.
 */
public final class RowCodec {
  private RowCodec() {}

  public static byte[] encode(Row row) {
    var out = new ByteArrayOutputStream(16 + row.size() * 8);
    out.write(RowReader.VERSION);
    writeVarint(out, row.size());
    int previousId = 0;
    for (int i = 0; i < row.size(); i++) {
      writeVarint(out, row.columnIds()[i] - previousId);
      previousId = row.columnIds()[i];
      @Nullable Object value = row.values()[i];
      PhysicalType type = row.types()[i];
      out.write(type.ordinal() | (value == null ? RowReader.NULL_FLAG : 0));
      if (value != null) {
        writeValue(out, type, value);
      }
    }
    return out.toByteArray();
  }

  private static void writeValue(ByteArrayOutputStream out, PhysicalType type, Object value) {
    switch (type) {
      case BOOL -> out.write((Boolean) value ? 1 : 0);
      case INT -> writeVarint(out, zigzag((Integer) value));
      case LONG -> writeVarint(out, zigzag((Long) value));
      case INT128 -> {
        BigInteger v = (BigInteger) value;
        writeLong(out, v.shiftRight(64).longValue());
        writeLong(out, v.longValue());
      }
      case DOUBLE -> writeLong(out, Double.doubleToRawLongBits((Double) value));
      case BYTES -> {
        byte[] bytes = (byte[]) value;
        writeVarint(out, bytes.length);
        out.writeBytes(bytes);
      }
    }
  }

  /** The inverse of {@link #encode}; fails with XX001 on bytes that it cannot have written. */
  public static Row decode(byte[] bytes) {
    var in = new RowReader();
    in.reset(bytes);
    int count = in.columnsLeft();
    int[] ids = new int[count];
    PhysicalType[] types = new PhysicalType[count];
    @Nullable Object[] values = new Object[count];
    for (int i = 0; in.next(); i++) {
      ids[i] = in.columnId();
      types[i] = in.type();
      values[i] = in.value();
    }
    return new Row(ids, types, values);
  }

  private static long zigzag(long v) {
    return (v << 1) ^ (v >> 63);
  }

  private static void writeLong(ByteArrayOutputStream out, long v) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.write((int) (v >>> shift));
    }
  }

  private static void writeVarint(ByteArrayOutputStream out, long v) {
    while ((v & ~0x7FL) != 0) {
      out.write((int) ((v & 0x7F) | 0x80));
      v >>>= 7;
    }
    out.write((int) v);
  }
}
