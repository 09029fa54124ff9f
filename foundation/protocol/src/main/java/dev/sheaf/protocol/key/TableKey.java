package dev.sheaf.protocol.key;

import dev.sheaf.protocol.type.PhysicalType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Order-preserving encoding of table keys: unsigned comparison of the bytes is comparison of the
 * values.
 *
 * <pre>
 * +----------+----------+---------------- per key column ----------------+
 * | table id | index id | marker | value                                 | ...
 * | u32 BE   | u32 BE   | u8     | by physical type                      |
 * +----------+----------+--------+---------------------------------------+
 * marker: 0x01 value follows, 0x02 NULL (sorts last)
 * BOOL    one byte 0/1
 * INT     4 bytes big endian, sign bit flipped
 * LONG    8 bytes big endian, sign bit flipped
 * INT128  16 bytes big endian two's complement, sign bit flipped
 * DOUBLE  8 bytes: IEEE bits, negative values inverted, else sign bit flipped; -0.0 as 0.0, NaN canonical (last)
 * BYTES   bytes with 0x00 written as 0x00 0xFF, ended by 0x00 0x00
 * </pre>
 *
 * A hidden row id is one LONG column. Limit: {@link #MAX_BYTES}. All methods are pure and
 * thread-safe.
 */
public final class TableKey {
  /** Index id of the table's own rows. */
  public static final int PRIMARY_INDEX = 0;

  /** Longest key accepted (54000 beyond). */
  public static final int MAX_BYTES = 2048;

  public static final int PREFIX_BYTES = 8;
  static final byte VALUE = 1;
  static final byte NULL_LAST = 2;

  private TableKey() {}

  /** The 8 bytes with which all keys of a table's index begin. */
  public static byte[] prefix(int tableId, int indexId) {
    return ByteBuffer.allocate(PREFIX_BYTES).putInt(tableId).putInt(indexId).array();
  }

  public static int tableIdOf(byte[] key) {
    return ByteBuffer.wrap(key).getInt();
  }

  /** The key of a table's row from physical values, see {@link PhysicalType}. */
  public static byte[] encode(int tableId, PhysicalType[] types, @Nullable Object[] values) {
    var out = new KeyWriter(PREFIX_BYTES + 12 * values.length);
    out.begin(tableId);
    for (int i = 0; i < values.length; i++) {
      add(out, types[i], values[i]);
    }
    return Arrays.copyOf(out.data(), out.end());
  }

  /** The key of a row with a hidden row id. */
  public static byte[] encodeRowId(int tableId, long rowId) {
    return ByteBuffer.allocate(PREFIX_BYTES + 9)
        .putInt(tableId)
        .putInt(PRIMARY_INDEX)
        .put(VALUE)
        .putLong(rowId ^ Long.MIN_VALUE)
        .array();
  }

  private static void add(KeyWriter out, PhysicalType type, @Nullable Object value) {
    if (value == null) {
      out.addNull();
      return;
    }
    switch (type) {
      case BOOL -> out.add((boolean) (Boolean) value);
      case INT -> out.add((int) (Integer) value);
      case LONG -> out.add((long) (Long) value);
      case INT128 -> {
        BigInteger v = (BigInteger) value;
        out.add(v.shiftRight(64).longValue(), v.longValue());
      }
      case DOUBLE -> out.add((double) (Double) value);
      case BYTES -> out.add((byte[]) value, 0, ((byte[]) value).length);
    }
  }

  /** Decodes the key columns' physical values; the inverse of {@link #encode}. */
  public static @Nullable Object[] decode(byte[] key, PhysicalType[] types) {
    var in = ByteBuffer.wrap(key, PREFIX_BYTES, key.length - PREFIX_BYTES);
    @Nullable Object[] values = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      values[i] = in.get() == NULL_LAST ? null : readValue(in, types[i]);
    }
    return values;
  }

  private static Object readValue(ByteBuffer in, PhysicalType type) {
    return switch (type) {
      case BOOL -> in.get() != 0;
      case INT -> in.getInt() ^ Integer.MIN_VALUE;
      case LONG -> in.getLong() ^ Long.MIN_VALUE;
      case INT128 ->
          BigInteger.valueOf(in.getLong() ^ Long.MIN_VALUE)
              .shiftLeft(64)
              .add(new BigInteger(1, ByteBuffer.allocate(8).putLong(in.getLong()).array()));
      case DOUBLE -> {
        long bits = in.getLong();
        yield Double.longBitsToDouble(bits < 0 ? bits ^ Long.MIN_VALUE : ~bits);
      }
      case BYTES -> {
        var bytes = new ByteArrayOutputStream();
        while (true) {
          byte b = in.get();
          if (b == 0 && in.get() == 0) {
            yield bytes.toByteArray();
          }
          bytes.write(b);
        }
      }
    };
  }

  /**
   * The smallest byte string greater than every string that begins with {@code prefix}; null =
   * none.
   */
  public static byte @Nullable [] prefixEnd(byte[] prefix) {
    byte[] end = prefix.clone();
    for (int i = end.length - 1; i >= 0; i--) {
      if (end[i] != (byte) 0xFF) {
        end[i]++;
        return Arrays.copyOf(end, i + 1);
      }
    }
    return null;
  }

  /** Unsigned lexicographic comparison. */
  public static int compare(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }
}
