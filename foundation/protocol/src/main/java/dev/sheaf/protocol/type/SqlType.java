package dev.sheaf.protocol.type;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * An SQL type as users write it. Nullability belongs to the {@link Field}, not to the type.
 *
 * @param kind which type
 * @param precision DECIMAL: digits, 1..38. VARCHAR, CHAR: characters, or {@link #UNBOUNDED}. Else
 *     0.
 * @param scale DECIMAL: digits after the point, 0..precision. Else 0.
 */
public record SqlType(Kind kind, int precision, int scale) {
  /** Precision of a VARCHAR without a length. */
  public static final int UNBOUNDED = -1;

  public static final int MAX_DECIMAL_PRECISION = 38;
  public static final int MAX_LONG_DECIMAL_PRECISION = 18;

  /** The kinds, with the name that messages and information_schema show. */
  public enum Kind {
    /**
     * The type of an untyped NULL; physically a BOOL column of nulls. Never in a table or a result.
     */
    NULL("null", PhysicalType.BOOL),
    BOOLEAN("boolean", PhysicalType.BOOL),
    SMALLINT("smallint", PhysicalType.INT),
    INTEGER("integer", PhysicalType.INT),
    BIGINT("bigint", PhysicalType.LONG),
    REAL("real", PhysicalType.DOUBLE),
    DOUBLE("double precision", PhysicalType.DOUBLE),
    DECIMAL("decimal", PhysicalType.LONG),
    VARCHAR("varchar", PhysicalType.BYTES),
    CHAR("char", PhysicalType.BYTES),
    BYTEA("bytea", PhysicalType.BYTES),
    DATE("date", PhysicalType.INT),
    TIME("time", PhysicalType.LONG),
    TIMESTAMP("timestamp", PhysicalType.LONG),
    TIMESTAMPTZ("timestamp with time zone", PhysicalType.LONG),
    UUID("uuid", PhysicalType.BYTES),
    INTERVAL_YEAR_MONTH("interval year to month", PhysicalType.INT),
    INTERVAL_DAY_TIME("interval day to second", PhysicalType.LONG);

    private final String sqlName;
    private final PhysicalType physical;

    Kind(String sqlName, PhysicalType physical) {
      this.sqlName = sqlName;
      this.physical = physical;
    }

    public String sqlName() {
      return sqlName;
    }
  }

  public static final SqlType NULL = new SqlType(Kind.NULL, 0, 0);
  public static final SqlType BOOLEAN = new SqlType(Kind.BOOLEAN, 0, 0);
  public static final SqlType SMALLINT = new SqlType(Kind.SMALLINT, 0, 0);
  public static final SqlType INTEGER = new SqlType(Kind.INTEGER, 0, 0);
  public static final SqlType BIGINT = new SqlType(Kind.BIGINT, 0, 0);
  public static final SqlType REAL = new SqlType(Kind.REAL, 0, 0);
  public static final SqlType DOUBLE = new SqlType(Kind.DOUBLE, 0, 0);
  public static final SqlType TEXT = new SqlType(Kind.VARCHAR, UNBOUNDED, 0);
  public static final SqlType BYTEA = new SqlType(Kind.BYTEA, 0, 0);
  public static final SqlType DATE = new SqlType(Kind.DATE, 0, 0);
  public static final SqlType TIME = new SqlType(Kind.TIME, 0, 0);
  public static final SqlType TIMESTAMP = new SqlType(Kind.TIMESTAMP, 0, 0);
  public static final SqlType TIMESTAMPTZ = new SqlType(Kind.TIMESTAMPTZ, 0, 0);
  public static final SqlType UUID = new SqlType(Kind.UUID, 0, 0);
  public static final SqlType INTERVAL_YEAR_MONTH = new SqlType(Kind.INTERVAL_YEAR_MONTH, 0, 0);
  public static final SqlType INTERVAL_DAY_TIME = new SqlType(Kind.INTERVAL_DAY_TIME, 0, 0);

  public SqlType {
    if (kind == Kind.DECIMAL
        && (precision < 1 || precision > MAX_DECIMAL_PRECISION || scale < 0 || scale > precision)) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE,
              "DECIMAL(" + precision + "," + scale + ") is out of range")
          .withHint("Precision is 1 to 38, scale 0 to the precision.");
    }
  }

  public static SqlType decimal(int precision, int scale) {
    return new SqlType(Kind.DECIMAL, precision, scale);
  }

  public static SqlType varchar(int length) {
    return new SqlType(Kind.VARCHAR, length, 0);
  }

  public static SqlType character(int length) {
    return new SqlType(Kind.CHAR, length, 0);
  }

  public PhysicalType physical() {
    return kind == Kind.DECIMAL && precision > MAX_LONG_DECIMAL_PRECISION
        ? PhysicalType.INT128
        : kind.physical;
  }

  public boolean isNumeric() {
    return switch (kind) {
      case SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, DECIMAL -> true;
      default -> false;
    };
  }

  public boolean isText() {
    return kind == Kind.VARCHAR || kind == Kind.CHAR;
  }

  /** As in DDL, for example {@code decimal(15,2)} or {@code varchar(10)}. */
  @Override
  public String toString() {
    return switch (kind) {
      case DECIMAL -> "decimal(" + precision + "," + scale + ")";
      case VARCHAR, CHAR -> precision < 0 ? "text" : kind.sqlName + "(" + precision + ")";
      default -> kind.sqlName;
    };
  }
}
