package dev.sheaf.columnar.arrow;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.IntervalUnit;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Which SQL type is which Arrow type. Pure.
 *
 * <table>
 * <caption>Results and parameters</caption>
 * <tr><td>BOOLEAN</td><td>Bool</td></tr>
 * <tr><td>SMALLINT, INTEGER, BIGINT</td><td>Int 16, 32, 64 signed</td></tr>
 * <tr><td>REAL, DOUBLE</td><td>FloatingPoint single, double</td></tr>
 * <tr><td>DECIMAL(p,s)</td><td>Decimal(p, s, 128)</td></tr>
 * <tr><td>VARCHAR, CHAR, UUID</td><td>Utf8 (a UUID as its 36 characters)</td></tr>
 * <tr><td>BYTEA</td><td>Binary</td></tr>
 * <tr><td>DATE</td><td>Date day</td></tr>
 * <tr><td>TIME</td><td>Time microsecond 64</td></tr>
 * <tr><td>TIMESTAMP</td><td>Timestamp microsecond (parameters: millisecond)</td></tr>
 * <tr><td>TIMESTAMPTZ</td><td>Timestamp microsecond UTC (parameters: millisecond)</td></tr>
 * <tr><td>INTERVAL YEAR TO MONTH</td><td>Interval year-month</td></tr>
 * <tr><td>INTERVAL DAY TO SECOND</td><td>Duration microsecond: Arrow's day-time interval has only
 * milliseconds</td></tr>
 * </table>
 *
 * Fields carry Flight SQL's column metadata ({@code ARROW:FLIGHT:SQL:TYPE_NAME} and so on), which
 * clients show as type name, precision and scale.
 */
public final class ArrowTypes {
  private static final String METADATA = "ARROW:FLIGHT:SQL:";

  private ArrowTypes() {}

  /** The schema of a result. */
  public static Schema resultSchema(List<Field> fields) {
    return schema(fields, TimeUnit.MICROSECOND);
  }

  /**
   * The schema of a statement's parameters: always nullable, and timestamps in milliseconds,
   * because the stock JDBC driver writes milliseconds whatever unit is declared.
   */
  public static Schema parameterSchema(List<Field> fields) {
    return schema(
        fields.stream().map(f -> new Field(f.name(), f.type(), true)).toList(),
        TimeUnit.MILLISECOND);
  }

  private static Schema schema(List<Field> fields, TimeUnit timestampUnit) {
    List<org.apache.arrow.vector.types.pojo.Field> out = new ArrayList<>(fields.size());
    for (Field field : fields) {
      out.add(toArrow(field, timestampUnit, Map.of()));
    }
    return new Schema(out);
  }

  /**
   * A column of a table, as GetTables' {@code table_schema} shows it.
   *
   * @param more further metadata
   */
  public static org.apache.arrow.vector.types.pojo.Field tableColumn(
      Field field, Map<String, String> more) {
    return toArrow(field, TimeUnit.MICROSECOND, more);
  }

  private static org.apache.arrow.vector.types.pojo.Field toArrow(
      Field field, TimeUnit timestampUnit, Map<String, String> more) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(METADATA + "TYPE_NAME", field.type().kind().sqlName());
    int precision = precision(field.type());
    if (precision > 0) {
      metadata.put(METADATA + "PRECISION", Integer.toString(precision));
      metadata.put(METADATA + "SCALE", Integer.toString(scale(field.type())));
    }
    metadata.put(METADATA + "IS_AUTO_INCREMENT", "0");
    metadata.put(METADATA + "IS_CASE_SENSITIVE", field.type().isText() ? "1" : "0");
    metadata.put(METADATA + "IS_SEARCHABLE", "1");
    metadata.putAll(more);
    ArrowType type = arrowType(field.type(), timestampUnit);
    return new org.apache.arrow.vector.types.pojo.Field(
        field.name(), new FieldType(field.nullable(), type, null, metadata), List.of());
  }

  /** The Arrow type of a result column. */
  public static ArrowType arrowType(SqlType type) {
    return arrowType(type, TimeUnit.MICROSECOND);
  }

  private static ArrowType arrowType(SqlType type, TimeUnit timestampUnit) {
    return switch (type.kind()) {
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case SMALLINT -> new ArrowType.Int(16, true);
      case INTEGER -> new ArrowType.Int(32, true);
      case BIGINT -> new ArrowType.Int(64, true);
      case REAL -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case DOUBLE -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case DECIMAL -> new ArrowType.Decimal(type.precision(), type.scale(), 128);
      case NULL, VARCHAR, CHAR, UUID -> ArrowType.Utf8.INSTANCE;
      case BYTEA -> ArrowType.Binary.INSTANCE;
      case DATE -> new ArrowType.Date(DateUnit.DAY);
      case TIME -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
      case TIMESTAMP -> new ArrowType.Timestamp(timestampUnit, null);
      case TIMESTAMPTZ -> new ArrowType.Timestamp(timestampUnit, "UTC");
      case INTERVAL_YEAR_MONTH -> new ArrowType.Interval(IntervalUnit.YEAR_MONTH);
      case INTERVAL_DAY_TIME -> new ArrowType.Duration(TimeUnit.MICROSECOND);
    };
  }

  /** Decimal digits or characters a value can have; 0 = no limit worth naming. */
  public static int precision(SqlType type) {
    return switch (type.kind()) {
      case NULL, BYTEA -> 0;
      case BOOLEAN -> 1;
      case SMALLINT -> 5;
      case INTEGER -> 10;
      case BIGINT -> 19;
      case REAL -> 7;
      case DOUBLE -> 15;
      case DECIMAL -> type.precision();
      case VARCHAR, CHAR -> Math.max(0, type.precision());
      case DATE -> 10;
      case TIME -> 15;
      case TIMESTAMP -> 26;
      case TIMESTAMPTZ -> 32;
      case UUID -> 36;
      case INTERVAL_YEAR_MONTH -> 14;
      case INTERVAL_DAY_TIME -> 27;
    };
  }

  private static int scale(SqlType type) {
    return switch (type.kind()) {
      case DECIMAL -> type.scale();
      case TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL_DAY_TIME -> 6;
      default -> 0;
    };
  }

  /**
   * The SQL type that holds every value of a client's Arrow column: the narrowest for integers
   * (unsigned ones go one wider, 64-bit unsigned to DECIMAL(20,0)), TEXT for strings and for
   * columns of nulls.
   *
   * @throws SheafException 0A000 for nested, union, view, run-end-encoded and half-float columns
   */
  public static SqlType sqlType(org.apache.arrow.vector.types.pojo.Field field) {
    ArrowType type = field.getType();
    return switch (type) {
      case ArrowType.Null n -> SqlType.TEXT;
      case ArrowType.Bool b -> SqlType.BOOLEAN;
      case ArrowType.Int i -> integerType(i);
      case ArrowType.FloatingPoint f when f.getPrecision() == FloatingPointPrecision.SINGLE ->
          SqlType.REAL;
      case ArrowType.FloatingPoint f when f.getPrecision() == FloatingPointPrecision.DOUBLE ->
          SqlType.DOUBLE;
      case ArrowType.Decimal d -> decimalType(field, d);
      case ArrowType.Utf8 u -> SqlType.TEXT;
      case ArrowType.LargeUtf8 u -> SqlType.TEXT;
      case ArrowType.Binary b -> SqlType.BYTEA;
      case ArrowType.LargeBinary b -> SqlType.BYTEA;
      case ArrowType.FixedSizeBinary b ->
          b.getByteWidth() == 16 && isUuid(field) ? SqlType.UUID : SqlType.BYTEA;
      case ArrowType.Date d -> SqlType.DATE;
      case ArrowType.Time t -> SqlType.TIME;
      case ArrowType.Timestamp t ->
          t.getTimezone() == null || t.getTimezone().isEmpty()
              ? SqlType.TIMESTAMP
              : SqlType.TIMESTAMPTZ;
      case ArrowType.Duration d -> SqlType.INTERVAL_DAY_TIME;
      case ArrowType.Interval i ->
          i.getUnit() == IntervalUnit.YEAR_MONTH
              ? SqlType.INTERVAL_YEAR_MONTH
              : SqlType.INTERVAL_DAY_TIME;
      default -> throw refused(field);
    };
  }

  private static SqlType integerType(ArrowType.Int type) {
    int bits = type.getIsSigned() ? type.getBitWidth() : type.getBitWidth() + 1;
    if (bits <= 16) {
      return SqlType.SMALLINT;
    }
    if (bits <= 32) {
      return SqlType.INTEGER;
    }
    return bits <= 64 ? SqlType.BIGINT : SqlType.decimal(20, 0);
  }

  private static SqlType decimalType(
      org.apache.arrow.vector.types.pojo.Field field, ArrowType.Decimal type) {
    int scale = type.getScale();
    boolean wide = type.getBitWidth() == 256;
    if ((type.getBitWidth() != 128 && !wide)
        || type.getPrecision() < 1
        || scale < 0
        || scale > Math.min(type.getPrecision(), SqlType.MAX_DECIMAL_PRECISION)) {
      throw refused(field);
    }
    return SqlType.decimal(Math.min(type.getPrecision(), SqlType.MAX_DECIMAL_PRECISION), scale);
  }

  private static boolean isUuid(org.apache.arrow.vector.types.pojo.Field field) {
    return "arrow.uuid"
        .equals(field.getMetadata().get(ArrowType.ExtensionType.EXTENSION_METADATA_KEY_NAME));
  }

  private static SheafException refused(org.apache.arrow.vector.types.pojo.Field field) {
    return new SheafException(
            ErrorCode.FEATURE_NOT_SUPPORTED,
            "column \""
                + field.getName()
                + "\" has Arrow type "
                + field.getType()
                + ", which is not supported")
        .withHint("Send plain columns: numbers, Utf8, Binary, dates, times, timestamps.");
  }
}
