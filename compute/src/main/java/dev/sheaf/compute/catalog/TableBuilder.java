package dev.sheaf.compute.catalog;

import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement.CheckDefinition;
import dev.sheaf.compute.sql.ParsedStatement.ColumnDefinition;
import dev.sheaf.compute.sql.ParsedStatement.CreateTable;
import dev.sheaf.compute.sql.ParsedStatement.PrimaryKey;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a descriptor from CREATE TABLE, checking what PostgreSQL checks. */
record TableBuilder(DdlExpressions expressions) {
  static final int MAX_COLUMNS = 1600;

  TableDescriptor build(CreateTable create, String schema, int id) {
    String name = create.table().name();
    if (create.columns().size() > MAX_COLUMNS) {
      throw tooManyColumns();
    }
    if (create.columns().isEmpty()) {
      throw create
          .table()
          .position()
          .error(ErrorCode.INVALID_TABLE_DEFINITION, "table \"" + name + "\" has no columns");
    }
    Set<String> keyColumns = new HashSet<>();
    PrimaryKey key = create.primaryKey();
    if (key != null) {
      for (Identifier column : key.columns()) {
        if (!keyColumns.add(column.name())) {
          throw duplicateColumn(column);
        }
      }
    }
    List<ColumnDescriptor> columns = columns(create.columns(), keyColumns);
    List<Integer> keyIds = key == null ? List.of() : keyIds(key, columns);
    String keyName = keyName(key, name);
    var withoutChecks =
        new TableDescriptor(
            id, schema, name, 1, columns, keyIds, keyName, List.of(), columns.size() + 1);
    return new TableDescriptor(
        id,
        schema,
        name,
        1,
        columns,
        keyIds,
        keyName,
        checks(create.checks(), withoutChecks),
        columns.size() + 1);
  }

  private List<ColumnDescriptor> columns(
      List<ColumnDefinition> definitions, Set<String> keyColumns) {
    List<ColumnDescriptor> columns = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ColumnDefinition definition : definitions) {
      if (!seen.add(definition.name().name())) {
        throw duplicateColumn(definition.name());
      }
      boolean nullable = definition.nullable() && !keyColumns.contains(definition.name().name());
      columns.add(column(definition, columns.size() + 1, nullable, null));
    }
    return columns;
  }

  ColumnDescriptor column(
      ColumnDefinition definition, int id, boolean nullable, @Nullable Object addedDefault) {
    if (definition.defaultSql() != null) {
      expressions.checkDefault(definition.defaultSql(), definition.type());
    }
    return new ColumnDescriptor(
        id,
        definition.name().name(),
        definition.type(),
        nullable,
        definition.defaultSql(),
        addedDefault);
  }

  private static List<Integer> keyIds(PrimaryKey key, List<ColumnDescriptor> columns) {
    List<Integer> ids = new ArrayList<>();
    for (Identifier name : key.columns()) {
      ids.add(
          columns.stream()
              .filter(c -> c.name().equals(name.name()))
              .findFirst()
              .orElseThrow(() ->
                  name.position()
                      .error(
                          ErrorCode.UNDEFINED_COLUMN,
                          "column \"" + name.name() + "\" named in key does not exist"))
              .id());
    }
    return ids;
  }

  private static String keyName(@Nullable PrimaryKey key, String table) {
    if (key == null) {
      return "";
    }
    return key.name() == null ? table + "_pkey" : key.name().name();
  }

  /** The table's checks and the new ones, named as PostgreSQL names them. */
  List<CheckDescriptor> checks(List<CheckDefinition> definitions, TableDescriptor table) {
    List<CheckDescriptor> checks = new ArrayList<>(table.checks());
    Set<String> taken = new HashSet<>(List.of(table.primaryKeyName()));
    checks.forEach(check -> taken.add(check.name()));
    for (CheckDefinition definition : definitions) {
      if (definition.name() != null) {
        requireFree(taken, definition.name(), table);
      }
    }
    for (CheckDefinition definition : definitions) {
      expressions.checkCondition(definition.conditionSql(), table);
      String name =
          definition.name() != null
              ? definition.name().name()
              : freeName(taken, checkName(definition, table));
      checks.add(new CheckDescriptor(name, definition.conditionSql()));
    }
    return checks;
  }

  private static void requireFree(Set<String> taken, Identifier name, TableDescriptor table) {
    if (!taken.add(name.name())) {
      throw name.position()
          .error(
              ErrorCode.DUPLICATE_OBJECT,
              "constraint \""
                  + name.name()
                  + "\" for relation \""
                  + table.name()
                  + "\" already exists");
    }
  }

  private static String checkName(CheckDefinition definition, TableDescriptor table) {
    return definition.column() == null
        ? table.name() + "_check"
        : table.name() + "_" + definition.column().name() + "_check";
  }

  static String freeName(Set<String> taken, String wanted) {
    String name = wanted;
    for (int n = 1; !taken.add(name); n++) {
      name = wanted + n;
    }
    return name;
  }

  static SheafException duplicateColumn(Identifier name) {
    return name.position()
        .error(
            ErrorCode.DUPLICATE_COLUMN, "column \"" + name.name() + "\" specified more than once");
  }

  static SheafException tooManyColumns() {
    return new SheafException(
        ErrorCode.TOO_MANY_COLUMNS, "tables can have at most " + MAX_COLUMNS + " columns");
  }
}
