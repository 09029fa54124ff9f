package dev.sheaf.compute.sql;

import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Columns of the tables that exist only in the compute. */
public final class SystemTables {
  public static final String SCHEMA = "information_schema";

  public static final List<Field> SCHEMATA =
      List.of(text("catalog_name"), text("schema_name"), text("schema_owner"));

  public static final List<Field> TABLES =
      List.of(text("table_catalog"), text("table_schema"), text("table_name"), text("table_type"));

  public static final List<Field> COLUMNS =
      List.of(
          text("table_catalog"),
          text("table_schema"),
          text("table_name"),
          text("column_name"),
          integer("ordinal_position"),
          nullableText("column_default"),
          text("is_nullable"),
          text("data_type"),
          nullableInteger("character_maximum_length"),
          nullableInteger("numeric_precision"),
          nullableInteger("numeric_scale"),
          nullableInteger("datetime_precision"));

  public static final List<Field> TABLE_CONSTRAINTS =
      List.of(
          text("constraint_catalog"),
          text("constraint_schema"),
          text("constraint_name"),
          text("table_catalog"),
          text("table_schema"),
          text("table_name"),
          text("constraint_type"));

  public static final List<Field> KEY_COLUMN_USAGE =
      List.of(
          text("constraint_catalog"),
          text("constraint_schema"),
          text("constraint_name"),
          text("table_catalog"),
          text("table_schema"),
          text("table_name"),
          text("column_name"),
          integer("ordinal_position"));

  public static final List<Field> CHECK_CONSTRAINTS =
      List.of(
          text("constraint_catalog"),
          text("constraint_schema"),
          text("constraint_name"),
          text("check_clause"));

  private static final Map<String, List<Field>> BY_NAME =
      new TreeMap<>(
          Map.of(
              "schemata", SCHEMATA,
              "tables", TABLES,
              "columns", COLUMNS,
              "table_constraints", TABLE_CONSTRAINTS,
              "key_column_usage", KEY_COLUMN_USAGE,
              "check_constraints", CHECK_CONSTRAINTS));

  private SystemTables() {}

  /** Columns of {@code information_schema.name}. */
  public static Optional<List<Field>> columns(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** Names without the schema, sorted. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  private static Field text(String name) {
    return new Field(name, SqlType.TEXT, false);
  }

  private static Field nullableText(String name) {
    return new Field(name, SqlType.TEXT, true);
  }

  private static Field integer(String name) {
    return new Field(name, SqlType.INTEGER, false);
  }

  private static Field nullableInteger(String name) {
    return new Field(name, SqlType.INTEGER, true);
  }
}
