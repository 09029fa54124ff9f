package dev.sheaf.protocol.row;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks the columns of a row's bytes, in {@link RowCodec}'s layout, without making an object of any
 * of them. One serves row after row. Bytes that the codec cannot have written are XX001. Not
 * thread-safe.
 */
public final class RowReader {
  static final int VERSION = 1;
  static final int TYPE_MASK = 0x0F;
  static final int NULL_FLAG = 0x10;
  private static final PhysicalType[] TYPES = PhysicalType.values();
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes = {};
  private int at;
  private int columnsLeft;
  private int columnId;
  private PhysicalType type = PhysicalType.BOOL;
  private boolean isNull;
  private long high;
  private long low;
  private int start;
  private int length;

  /** Goes before the first column of a row. The bytes are not copied. */
  public void reset(byte[] row) {
    bytes = row;
    at = 0;
    columnId = 0;
    try {
      if (row[at++] != VERSION) {
        throw corrupted("unknown row version");
      }
      columnsLeft = Math.toIntExact(varint());
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw corrupted(e);
    }
    if (columnsLeft < 0 || columnsLeft > bytes.length - at) {
      throw corrupted("impossible column count " + columnsLeft);
    }
  }

  /** How many columns {@link #next} will still find. */
  public int columnsLeft() {
    return columnsLeft;
  }

  /** Goes to the next column, which has a greater id; false if there is none. */
  public boolean next() {
    if (columnsLeft == 0) {
      return false;
    }
    columnsLeft--;
    try {
      columnId += Math.toIntExact(varint());
      int tag = bytes[at++];
      type = TYPES[tag & TYPE_MASK];
      isNull = (tag & NULL_FLAG) != 0;
      if (!isNull) {
        readValue();
      }
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw corrupted(e);
    }
    return true;
  }

  private void readValue() {
    switch (type) {
      case BOOL -> low = bytes[at++];
      case INT -> low = Math.toIntExact(unzigzag(varint()));
      case LONG -> low = unzigzag(varint());
      case INT128 -> {
        high = (long) LONG.get(bytes, at);
        low = (long) LONG.get(bytes, at + Long.BYTES);
        at += 2 * Long.BYTES;
      }
      case DOUBLE -> {
        low = (long) LONG.get(bytes, at);
        at += Long.BYTES;
      }
      case BYTES -> {
        length = Math.toIntExact(varint());
        start = at;
        if (length < 0 || length > bytes.length - at) {
          throw corrupted("impossible value length " + length);
        }
        at += length;
      }
    }
  }

  private long varint() {
    byte first = bytes[at++];
    if (first >= 0) {
      return first;
    }
    long v = first & 0x7F;
    for (int shift = 7; shift < 64; shift += 7) {
      byte b = bytes[at++];
      v |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return v;
      }
    }
    throw corrupted("overlong varint");
  }

  private static long unzigzag(long v) {
    return (v >>> 1) ^ -(v & 1);
  }

  public int columnId() {
    return columnId;
  }

  public PhysicalType type() {
    return type;
  }

  /** What follows is the value of a column that is not null. */
  public boolean isNull() {
    return isNull;
  }

  /** BOOL. */
  public boolean booleanValue() {
    return low != 0;
  }

  /** INT, LONG. */
  public long longValue() {
    return low;
  }

  /** INT128: the high word. */
  public long highWord() {
    return high;
  }

  /** INT128: the low word. */
  public long lowWord() {
    return low;
  }

  /** DOUBLE. */
  public double doubleValue() {
    return Double.longBitsToDouble(low);
  }

  /** BYTES: the row itself, in which the value lies from {@link #start} on. */
  public byte[] array() {
    return bytes;
  }

  /** BYTES. */
  public int start() {
    return start;
  }

  /** BYTES. */
  public int length() {
    return length;
  }

  /** Java form of the value (see {@link PhysicalType}); null = NULL. */
  public @Nullable Object value() {
    if (isNull) {
      return null;
    }
    return switch (type) {
      case BOOL -> booleanValue();
      case INT -> (int) low;
      case LONG -> low;
      case INT128 -> new BigInteger(Arrays.copyOfRange(bytes, at - 2 * Long.BYTES, at));
      case DOUBLE -> doubleValue();
      case BYTES -> Arrays.copyOfRange(bytes, start, start + length);
    };
  }

  private static SheafException corrupted(String what) {
    return new SheafException(ErrorCode.DATA_CORRUPTED, "a stored row cannot be decoded: " + what);
  }

  private static SheafException corrupted(RuntimeException cause) {
    return new SheafException(ErrorCode.DATA_CORRUPTED, "a stored row cannot be decoded", cause);
  }
}
