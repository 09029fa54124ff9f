package dev.sheaf.protocol.type;

/**
 * How a value lies in memory, in rows and in segments. Java form of one value: BOOL Boolean, INT
 * Integer, LONG Long, INT128 {@link java.math.BigInteger}, DOUBLE Double, BYTES byte[].
 */
public enum PhysicalType {
  /** One byte, 0 or 1. */
  BOOL,
  /**
   * 32-bit integer: SMALLINT, INTEGER, DATE (days since 1970-01-01), INTERVAL YEAR TO MONTH
   * (months).
   */
  INT,
  /**
   * 64-bit: BIGINT, DECIMAL of precision <= 18 (unscaled), TIME, TIMESTAMP(TZ), INTERVAL DAY
   * (microseconds).
   */
  LONG,
  /** 128-bit signed: DECIMAL of precision > 18 (unscaled). */
  INT128,
  /** 64-bit float: DOUBLE PRECISION, and REAL (always a value that a 32-bit float holds). */
  DOUBLE,
  /** Bytes: VARCHAR and CHAR (UTF-8), BYTEA, UUID (16 bytes, big endian). */
  BYTES
}
