package dev.sheaf.compute.copy.parquet;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;

/**
 * How Parquet stores a column.
 *
 * <pre>
 * boolean              BOOLEAN
 * smallint, integer    INT32, smallint as INTEGER(16, signed)
 * bigint               INT64
 * real, double         FLOAT, DOUBLE
 * decimal(p,s)         DECIMAL(p,s): p to 9 INT32, to 18 INT64, else 16 bytes big endian
 * text, char           BYTE_ARRAY as STRING
 * bytea                BYTE_ARRAY
 * uuid                 16 bytes as UUID
 * date                 INT32 as DATE
 * time                 INT64 as TIME(local, microseconds)
 * timestamp            INT64 as TIMESTAMP(local, microseconds)
 * timestamptz          INT64 as TIMESTAMP(UTC, microseconds)
 * </pre>
 *
 * Intervals are refused: Parquet has unsigned ones of milliseconds. Immutable.
 *
 * @param name of the column
 * @param type its SQL type
 * @param storage Parquet's physical type
 */
record ParquetType(String name, SqlType type, Storage storage) {
  private static final int MAX_INT_DIGITS = 9;
  private static final int WIDE_BYTES = 16;
  private static final int SMALLINT_BITS = 16;

  /** Parquet's physical types, with their numbers. */
  enum Storage {
    BOOLEAN(0, 1),
    INT32(1, 4),
    INT64(2, 8),
    FLOAT(4, 4),
    DOUBLE(5, 8),
    BYTE_ARRAY(6, 0),
    FIXED_LEN_BYTE_ARRAY(7, WIDE_BYTES);

    final int number;

    /** Of one value; 0 = they differ. */
    final int bytes;

    Storage(int number, int bytes) {
      this.number = number;
      this.bytes = bytes;
    }
  }

  /** 0A000 if Parquet has no such type. */
  static ParquetType of(Field field) {
    SqlType type = field.type();
    Storage storage =
        switch (type.kind()) {
          case NULL, BOOLEAN -> Storage.BOOLEAN;
          case SMALLINT, INTEGER, DATE -> Storage.INT32;
          case BIGINT, TIME, TIMESTAMP, TIMESTAMPTZ -> Storage.INT64;
          case REAL -> Storage.FLOAT;
          case DOUBLE -> Storage.DOUBLE;
          case DECIMAL ->
              type.precision() <= MAX_INT_DIGITS
                  ? Storage.INT32
                  : type.precision() <= SqlType.MAX_LONG_DECIMAL_PRECISION
                      ? Storage.INT64
                      : Storage.FIXED_LEN_BYTE_ARRAY;
          case VARCHAR, CHAR, BYTEA -> Storage.BYTE_ARRAY;
          case UUID -> Storage.FIXED_LEN_BYTE_ARRAY;
          case INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME ->
              throw new SheafException(
                      ErrorCode.FEATURE_NOT_SUPPORTED,
                      "COPY TO Parquet of column \"" + field.name() + "\" of type " + type)
                  .withHint("Export it as text or as a number: CAST it, or EXTRACT its parts.");
        };
    return new ParquetType(field.name(), type, storage);
  }

  /**
   * The value's bytes, without the length that a BYTE_ARRAY has in front: at the start of {@code
   * out}, which is emptied first. Not for BOOLEAN.
   */
  void encode(Vec vec, int row, ByteSink out) {
    out.truncate(0);
    switch (vec) {
      case Vec.BoolVec v -> out.putByte(v.values()[row]);
      case Vec.IntVec v -> out.putInt(v.values()[row]);
      case Vec.LongVec v -> {
        if (storage == Storage.INT32) {
          out.putInt((int) v.values()[row]);
        } else {
          out.putLong(v.values()[row]);
        }
      }
      case Vec.DoubleVec v -> {
        if (storage == Storage.FLOAT) {
          out.putInt(Float.floatToRawIntBits((float) v.values()[row]));
        } else {
          out.putLong(Double.doubleToRawLongBits(v.values()[row]));
        }
      }
      case Vec.Int128Vec v -> {
        out.putLong(Long.reverseBytes(v.high()[row]));
        out.putLong(Long.reverseBytes(v.low()[row]));
      }
      case Vec.BytesVec v -> out.putBytes(v.data(), v.start()[row], v.length()[row]);
    }
  }

  /** Appends encoded bytes as a plain value. */
  void put(byte[] in, int from, int length, ByteSink out) {
    if (storage == Storage.BYTE_ARRAY) {
      out.putInt(length);
    }
    out.putBytes(in, from, length);
  }

  /** Whether the values are whole numbers, whose least and greatest are worth telling. */
  boolean isNumber() {
    return storage == Storage.INT32 || storage == Storage.INT64;
  }

  /** A whole number as it is stored. */
  byte[] number(long value) {
    byte[] out = new byte[storage.bytes];
    if (storage == Storage.INT32) {
      LittleEndian.putInt(out, 0, (int) value);
    } else {
      LittleEndian.putLong(out, 0, value);
    }
    return out;
  }

  /** Writes the fields of its SchemaElement. */
  void describe(ThriftWriter out) {
    out.i32(1, storage.number);
    if (storage == Storage.FIXED_LEN_BYTE_ARRAY) {
      out.i32(2, WIDE_BYTES);
    }
    out.i32(3, 1); // OPTIONAL
    out.text(4, name);
    convertedType(out);
    logicalType(out);
  }

  /** What readers of before the logical types understand. */
  private void convertedType(ThriftWriter out) {
    switch (type.kind()) {
      case VARCHAR, CHAR -> out.i32(6, 0);
      case DECIMAL -> {
        out.i32(6, 5);
        out.i32(7, type.scale());
        out.i32(8, type.precision());
      }
      case DATE -> out.i32(6, 6);
      case TIMESTAMPTZ -> out.i32(6, 10);
      case SMALLINT -> out.i32(6, 16);
      default -> {}
    }
  }

  private void logicalType(ThriftWriter out) {
    switch (type.kind()) {
      case VARCHAR, CHAR -> logical(out, 1);
      case DECIMAL -> {
        out.struct(10);
        out.struct(5);
        out.i32(1, type.scale());
        out.i32(2, type.precision());
        out.end();
        out.end();
      }
      case DATE -> logical(out, 6);
      case TIME -> micros(out, 7, false);
      case TIMESTAMP -> micros(out, 8, false);
      case TIMESTAMPTZ -> micros(out, 8, true);
      case SMALLINT -> {
        out.struct(10);
        out.struct(10);
        out.i8(1, SMALLINT_BITS);
        out.bool(2, true);
        out.end();
        out.end();
      }
      case UUID -> logical(out, 14);
      default -> {}
    }
  }

  /** One without parameters. */
  private static void logical(ThriftWriter out, int number) {
    out.struct(10);
    out.emptyStruct(number);
    out.end();
  }

  private static void micros(ThriftWriter out, int number, boolean utc) {
    out.struct(10);
    out.struct(number);
    out.bool(1, utc);
    out.struct(2);
    out.emptyStruct(2);
    out.end();
    out.end();
    out.end();
  }
}
