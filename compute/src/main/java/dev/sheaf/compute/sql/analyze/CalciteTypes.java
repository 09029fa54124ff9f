package dev.sheaf.compute.sql.analyze;

import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeFactoryImpl;
import org.apache.calcite.sql.type.SqlTypeName;

/** Our types as Calcite's and back, without loss. Thread-safe. */
public final class CalciteTypes {
  public static final RelDataTypeFactory FACTORY = new SqlTypeFactoryImpl(new SheafTypeSystem());

  private CalciteTypes() {}

  public static RelDataType of(SqlType type, boolean nullable) {
    RelDataType plain =
        switch (type.kind()) {
          case NULL -> FACTORY.createSqlType(SqlTypeName.NULL);
          case BOOLEAN -> FACTORY.createSqlType(SqlTypeName.BOOLEAN);
          case SMALLINT -> FACTORY.createSqlType(SqlTypeName.SMALLINT);
          case INTEGER -> FACTORY.createSqlType(SqlTypeName.INTEGER);
          case BIGINT -> FACTORY.createSqlType(SqlTypeName.BIGINT);
          case REAL -> FACTORY.createSqlType(SqlTypeName.REAL);
          case DOUBLE -> FACTORY.createSqlType(SqlTypeName.DOUBLE);
          case DECIMAL ->
              FACTORY.createSqlType(SqlTypeName.DECIMAL, type.precision(), type.scale());
          case VARCHAR ->
              type.precision() == SqlType.UNBOUNDED
                  ? FACTORY.createSqlType(SqlTypeName.VARCHAR)
                  : FACTORY.createSqlType(SqlTypeName.VARCHAR, type.precision());
          case CHAR -> FACTORY.createSqlType(SqlTypeName.CHAR, type.precision());
          case BYTEA -> FACTORY.createSqlType(SqlTypeName.VARBINARY);
          case DATE -> FACTORY.createSqlType(SqlTypeName.DATE);
          case TIME -> FACTORY.createSqlType(SqlTypeName.TIME, 6);
          case TIMESTAMP -> FACTORY.createSqlType(SqlTypeName.TIMESTAMP, 6);
          case TIMESTAMPTZ -> FACTORY.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, 6);
          case UUID -> FACTORY.createSqlType(SqlTypeName.UUID);
          case INTERVAL_YEAR_MONTH -> interval(TimeUnit.YEAR, TimeUnit.MONTH);
          case INTERVAL_DAY_TIME -> interval(TimeUnit.DAY, TimeUnit.SECOND);
        };
    return FACTORY.createTypeWithNullability(plain, nullable);
  }

  private static RelDataType interval(TimeUnit from, TimeUnit to) {
    return FACTORY.createSqlIntervalType(new SqlIntervalQualifier(from, to, SqlParserPos.ZERO));
  }

  public static SqlType of(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case NULL -> SqlType.NULL;
      case BOOLEAN -> SqlType.BOOLEAN;
      case SMALLINT -> SqlType.SMALLINT;
      case INTEGER -> SqlType.INTEGER;
      case BIGINT -> SqlType.BIGINT;
      case REAL -> SqlType.REAL;
      case DOUBLE -> SqlType.DOUBLE;
      case DECIMAL -> SqlType.decimal(type.getPrecision(), type.getScale());
      case VARCHAR ->
          type.getPrecision() == RelDataType.PRECISION_NOT_SPECIFIED
              ? SqlType.TEXT
              : SqlType.varchar(type.getPrecision());
      case CHAR -> SqlType.character(type.getPrecision());
      case VARBINARY -> SqlType.BYTEA;
      case DATE -> SqlType.DATE;
      case TIME -> SqlType.TIME;
      case TIMESTAMP -> SqlType.TIMESTAMP;
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> SqlType.TIMESTAMPTZ;
      case UUID -> SqlType.UUID;
      case INTERVAL_YEAR_MONTH -> SqlType.INTERVAL_YEAR_MONTH;
      case INTERVAL_DAY_SECOND -> SqlType.INTERVAL_DAY_TIME;
      default -> throw new IllegalStateException("no type of ours: " + type.getFullTypeString());
    };
  }

  /** A row type of these columns. */
  public static RelDataType row(List<Field> fields) {
    var types = new ArrayList<RelDataType>(fields.size());
    var names = new ArrayList<String>(fields.size());
    for (Field field : fields) {
      types.add(of(field.type(), field.nullable()));
      names.add(field.name());
    }
    return FACTORY.createStructType(types, names);
  }

  /** The columns of a row type. */
  public static List<Field> fields(RelDataType row) {
    return row.getFieldList().stream()
        .map(f -> new Field(f.getName(), of(f.getType()), f.getType().isNullable()))
        .toList();
  }
}
