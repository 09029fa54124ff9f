package dev.sheaf.flightsql.metadata;

import dev.sheaf.columnar.arrow.ArrowTypes;
import dev.sheaf.protocol.type.SqlType;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetXdbcTypeInfo;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.jspecify.annotations.Nullable;

/** The types as ODBC and JDBC want to know them, ordered by their numbers. Stateless. */
public final class TypeInfoAnswer {
  private static final int NULLABLE = 1;
  private static final int SEARCHABLE = 3;
  private static final int SEARCHABLE_BUT_LIKE = 2;
  private static final int CREATE_PARAMS = 5;
  private static final int ODBC_DATETIME = 9;

  private TypeInfoAnswer() {}

  private record TypeRow(SqlType type, int dataType, List<String> createParams) {}

  private static final List<TypeRow> ROWS = rows();

  private static List<TypeRow> rows() {
    List<TypeRow> rows = new ArrayList<>();
    for (SqlType.Kind kind : SqlType.Kind.values()) {
      switch (kind) {
        case NULL, INTERVAL_YEAR_MONTH, INTERVAL_DAY_TIME -> {}
        case BOOLEAN -> rows.add(plain(SqlType.BOOLEAN, Types.BOOLEAN));
        case SMALLINT -> rows.add(plain(SqlType.SMALLINT, Types.SMALLINT));
        case INTEGER -> rows.add(plain(SqlType.INTEGER, Types.INTEGER));
        case BIGINT -> rows.add(plain(SqlType.BIGINT, Types.BIGINT));
        case REAL -> rows.add(plain(SqlType.REAL, Types.REAL));
        case DOUBLE -> rows.add(plain(SqlType.DOUBLE, Types.DOUBLE));
        case DECIMAL ->
            rows.add(
                new TypeRow(SqlType.decimal(38, 38), Types.DECIMAL, List.of("precision", "scale")));
        case VARCHAR -> rows.add(new TypeRow(SqlType.TEXT, Types.VARCHAR, List.of("length")));
        case CHAR -> rows.add(new TypeRow(SqlType.character(1), Types.CHAR, List.of("length")));
        case BYTEA -> rows.add(plain(SqlType.BYTEA, Types.VARBINARY));
        case DATE -> rows.add(plain(SqlType.DATE, Types.DATE));
        case TIME -> rows.add(plain(SqlType.TIME, Types.TIME));
        case TIMESTAMP -> rows.add(plain(SqlType.TIMESTAMP, Types.TIMESTAMP));
        case TIMESTAMPTZ -> rows.add(plain(SqlType.TIMESTAMPTZ, Types.TIMESTAMP_WITH_TIMEZONE));
        case UUID -> rows.add(plain(SqlType.UUID, Types.OTHER));
      }
    }
    rows.sort(Comparator.comparingInt(TypeRow::dataType));
    return List.copyOf(rows);
  }

  private static TypeRow plain(SqlType type, int dataType) {
    return new TypeRow(type, dataType, List.of());
  }

  public static void fill(CommandGetXdbcTypeInfo command, VectorSchemaRoot root) {
    var filler = new RootFiller(root);
    UnionListWriter params = ((ListVector) root.getVector(CREATE_PARAMS)).getWriter();
    for (TypeRow row : ROWS) {
      if (command.hasDataType() && command.getDataType() != row.dataType()) {
        continue;
      }
      if (!row.createParams().isEmpty()) {
        params.setPosition(filler.rows());
        params.startList();
        row.createParams().forEach(p -> params.writeVarChar(p));
        params.endList();
      }
      append(filler, row);
    }
    params.setValueCount(filler.rows());
    filler.finish();
  }

  private static void append(RootFiller filler, TypeRow row) {
    SqlType type = row.type();
    String name = type.kind().sqlName();
    boolean number = type.isNumeric();
    boolean decimal = type.kind() == SqlType.Kind.DECIMAL;
    @Nullable String quote =
        switch (type.kind()) {
          case VARCHAR, CHAR, BYTEA, UUID -> "'";
          case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> name.toUpperCase(Locale.ROOT) + " '";
          default -> null;
        };
    boolean dateTime = quote != null && quote.length() > 1;
    @Nullable Integer subcode =
        switch (type.kind()) {
          case DATE -> 1;
          case TIME -> 2;
          case TIMESTAMP -> 3;
          case TIMESTAMPTZ -> 5;
          default -> null;
        };
    int size = ArrowTypes.precision(type);
    filler.row(
        name,
        row.dataType(),
        size == 0 ? Integer.valueOf(Integer.MAX_VALUE) : Integer.valueOf(size),
        quote,
        quote == null ? null : "'",
        null,
        NULLABLE,
        type.isText(),
        type.isText() ? SEARCHABLE : SEARCHABLE_BUT_LIKE,
        number ? Boolean.FALSE : null,
        decimal,
        number ? Boolean.FALSE : null,
        name,
        decimal ? Integer.valueOf(0) : null,
        decimal ? Integer.valueOf(SqlType.MAX_DECIMAL_PRECISION) : null,
        dateTime ? ODBC_DATETIME : row.dataType(),
        subcode,
        number ? Integer.valueOf(10) : null,
        null);
  }
}
