package dev.sheaf.compute.catalog;

import dev.sheaf.compute.sql.SystemTables;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of information_schema, computed from a catalog; columns as {@link SystemTables} declares
 * them. Immutable and thread-safe.
 */
public record InformationSchema(Catalog catalog, String database) {

  /**
   * @param qualifiedName for example information_schema.tables
   * @return physical values
   */
  public List<@Nullable Object[]> rows(String qualifiedName) {
    var rows = new Rows();
    switch (qualifiedName) {
      case "information_schema.schemata" ->
          catalog.schemas().forEach(schema -> rows.add(database, schema, "sheaf"));
      case "information_schema.tables" -> tables(rows);
      case "information_schema.columns" -> columns(rows);
      case "information_schema.table_constraints" -> constraints(rows);
      case "information_schema.key_column_usage" -> keyColumns(rows);
      case "information_schema.check_constraints" -> checks(rows);
      default ->
          throw new SheafException(
              ErrorCode.UNDEFINED_TABLE, "relation \"" + qualifiedName + "\" does not exist");
    }
    return rows.rows;
  }

  private void tables(Rows rows) {
    for (String name : SystemTables.names()) {
      rows.add(database, SystemTables.SCHEMA, name, "VIEW");
    }
    for (TableDescriptor table : catalog.tables()) {
      rows.add(database, table.schema(), table.name(), "BASE TABLE");
    }
  }

  private void columns(Rows rows) {
    for (String name : SystemTables.names()) {
      List<Field> fields = SystemTables.columns(name).orElseThrow();
      for (int i = 0; i < fields.size(); i++) {
        Field field = fields.get(i);
        column(
            rows, SystemTables.SCHEMA, name, i, field.name(), null, field.nullable(), field.type());
      }
    }
    for (TableDescriptor table : catalog.tables()) {
      for (int i = 0; i < table.columns().size(); i++) {
        ColumnDescriptor c = table.columns().get(i);
        column(
            rows,
            table.schema(),
            table.name(),
            i,
            c.name(),
            c.defaultSql(),
            c.nullable(),
            c.type());
      }
    }
  }

  private void column(
      Rows rows,
      String schema,
      String table,
      int ordinal,
      String name,
      @Nullable String defaultSql,
      boolean nullable,
      SqlType type) {
    Integer length = type.isText() && type.precision() >= 0 ? type.precision() : null;
    rows.add(
        database,
        schema,
        table,
        name,
        ordinal + 1,
        defaultSql,
        nullable ? "YES" : "NO",
        type.kind().sqlName(),
        length,
        numericPrecision(type),
        numericScale(type),
        datetimePrecision(type));
  }

  private static @Nullable Integer numericPrecision(SqlType type) {
    return switch (type.kind()) {
      case SMALLINT -> 16;
      case INTEGER -> 32;
      case BIGINT -> 64;
      case REAL -> 24;
      case DOUBLE -> 53;
      case DECIMAL -> type.precision();
      default -> null;
    };
  }

  private static @Nullable Integer numericScale(SqlType type) {
    return switch (type.kind()) {
      case SMALLINT, INTEGER, BIGINT -> 0;
      case DECIMAL -> type.scale();
      default -> null;
    };
  }

  private static @Nullable Integer datetimePrecision(SqlType type) {
    return switch (type.kind()) {
      case DATE -> 0;
      case TIME, TIMESTAMP, TIMESTAMPTZ -> 6;
      default -> null;
    };
  }

  private void constraints(Rows rows) {
    for (TableDescriptor t : catalog.tables()) {
      if (!t.hasHiddenRowId()) {
        constraint(rows, t, t.primaryKeyName(), "PRIMARY KEY");
      }
      for (CheckDescriptor check : t.checks()) {
        constraint(rows, t, check.name(), "CHECK");
      }
    }
  }

  private void constraint(Rows rows, TableDescriptor t, String name, String type) {
    rows.add(database, t.schema(), name, database, t.schema(), t.name(), type);
  }

  private void keyColumns(Rows rows) {
    for (TableDescriptor t : catalog.tables()) {
      for (int i = 0; i < t.primaryKey().size(); i++) {
        String column = t.columns().get(t.ordinalOf(t.primaryKey().get(i))).name();
        rows.add(
            database,
            t.schema(),
            t.primaryKeyName(),
            database,
            t.schema(),
            t.name(),
            column,
            i + 1);
      }
    }
  }

  private void checks(Rows rows) {
    for (TableDescriptor t : catalog.tables()) {
      for (CheckDescriptor check : t.checks()) {
        rows.add(database, t.schema(), check.name(), check.conditionSql());
      }
    }
  }

  private static final class Rows {
    private final List<@Nullable Object[]> rows = new ArrayList<>();

    void add(@Nullable Object... values) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] instanceof String text) {
          values[i] = CatalogTables.text(text);
        }
      }
      rows.add(values);
    }
  }
}
