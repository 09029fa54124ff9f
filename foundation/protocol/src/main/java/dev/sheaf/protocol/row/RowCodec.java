package dev.sheaf.protocol.row;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
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
  private static final int VERSION = 1;
  private static final int NULL_FLAG = 0x10;
  private static final PhysicalType[] TYPES = PhysicalType.values();

  private RowCodec() {}

  public static byte[] encode(Row row) {
    var out = new ByteArrayOutputStream(16 + row.size() * 8);
    out.write(VERSION);
    writeVarint(out, row.size());
    int previousId = 0;
    for (int i = 0; i < row.size(); i++) {
      writeVarint(out, row.columnIds()[i] - previousId);
      previousId = row.columnIds()[i];
      @Nullable Object value = row.values()[i];
      PhysicalType type = row.types()[i];
      out.write(type.ordinal() | (value == null ? NULL_FLAG : 0));
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
    try {
      var in = ByteBuffer.wrap(bytes);
      if (in.get() != VERSION) {
        throw corrupted("unknown row version");
      }
      int count = Math.toIntExact(readVarint(in));
      if (count > in.remaining()) {
        throw corrupted("impossible column count " + count);
      }
      int[] ids = new int[count];
      PhysicalType[] types = new PhysicalType[count];
      @Nullable Object[] values = new Object[count];
      int id = 0;
      for (int i = 0; i < count; i++) {
        id += Math.toIntExact(readVarint(in));
        ids[i] = id;
        int tag = in.get();
        types[i] = TYPES[tag & 0x0F];
        values[i] = (tag & NULL_FLAG) != 0 ? null : readValue(in, types[i]);
      }
      return new Row(ids, types, values);
    } catch (BufferUnderflowException | ArithmeticException | ArrayIndexOutOfBoundsException e) {
      throw new SheafException(ErrorCode.DATA_CORRUPTED, "a stored row cannot be decoded", e);
    }
  }

  private static Object readValue(ByteBuffer in, PhysicalType type) {
    return switch (type) {
      case BOOL -> in.get() != 0;
      case INT -> Math.toIntExact(unzigzag(readVarint(in)));
      case LONG -> unzigzag(readVarint(in));
      case INT128 -> {
        byte[] sixteen = new byte[16];
        in.get(sixteen);
        yield new BigInteger(sixteen);
      }
      case DOUBLE -> in.getDouble();
      case BYTES -> {
        int length = Math.toIntExact(readVarint(in));
        if (length < 0 || length > in.remaining()) {
          throw corrupted("impossible value length " + length);
        }
        byte[] value = new byte[length];
        in.get(value);
        yield value;
      }
    };
  }

  private static SheafException corrupted(String what) {
    return new SheafException(ErrorCode.DATA_CORRUPTED, "a stored row cannot be decoded: " + what);
  }

  private static long zigzag(long v) {
    return (v << 1) ^ (v >> 63);
  }

  private static long unzigzag(long v) {
    return (v >>> 1) ^ -(v & 1);
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

  private static long readVarint(ByteBuffer in) {
    long v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = in.get();
      v |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return v;
      }
    }
    throw corrupted("overlong varint");
  }
}
