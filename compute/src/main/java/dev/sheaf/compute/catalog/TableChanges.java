package dev.sheaf.compute.catalog;

import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What ALTER TABLE makes of a descriptor. Knows nothing of rows: conditions that existing rows must
 * meet (SET NOT NULL, ADD CHECK) are the caller's to validate.
 */
record TableChanges(DdlExpressions expressions) {

  /** The changed table with the next version; null if there is nothing to do. */
  @Nullable TableDescriptor apply(TableDescriptor table, AlterAction action) {
    return switch (action) {
      case AlterAction.AddColumn add -> addColumn(table, add);
      case AlterAction.DropColumn drop -> dropColumn(table, drop);
      case AlterAction.RenameColumn rename -> renameColumn(table, rename);
      case AlterAction.RenameTable rename ->
          new Draft(table).name(rename.to().name()).build(table.columns());
      case AlterAction.SetDefault set -> {
        ColumnDescriptor column = require(table, set.column());
        expressions.checkDefault(set.defaultSql(), column.type());
        yield change(table, column, c -> copy(c, c.name(), c.nullable(), set.defaultSql()));
      }
      case AlterAction.DropDefault drop ->
          change(table, require(table, drop.column()), c -> copy(c, c.name(), c.nullable(), null));
      case AlterAction.SetNotNull set ->
          change(
              table, require(table, set.column()), c -> copy(c, c.name(), false, c.defaultSql()));
      case AlterAction.DropNotNull drop -> dropNotNull(table, drop);
      case AlterAction.AddCheck add ->
          new Draft(table)
              .checks(new TableBuilder(expressions).checks(List.of(add.check()), table))
              .build(table.columns());
      case AlterAction.DropConstraint drop -> dropConstraint(table, drop);
    };
  }

  private @Nullable TableDescriptor addColumn(TableDescriptor table, AlterAction.AddColumn add) {
    Identifier name = add.column().name();
    if (table.column(name.name()).isPresent()) {
      if (add.ifNotExists()) {
        return null;
      }
      throw duplicate(name, table);
    }
    if (table.columns().size() >= TableBuilder.MAX_COLUMNS) {
      throw TableBuilder.tooManyColumns();
    }
    String defaultSql = add.column().defaultSql();
    Object value =
        defaultSql == null ? null : expressions.constantDefault(defaultSql, add.column().type());
    if (!add.column().nullable() && value == null) {
      throw name.position()
          .error(
              ErrorCode.NOT_NULL_VIOLATION,
              "column \"" + name.name() + "\" would be NULL in existing rows")
          .withHint("Add the column with a DEFAULT, or without NOT NULL.");
    }
    List<ColumnDescriptor> columns = new ArrayList<>(table.columns());
    columns.add(
        new TableBuilder(expressions)
            .column(add.column(), table.nextColumnId(), add.column().nullable(), value));
    TableDescriptor added = new Draft(table).nextColumnId(table.nextColumnId() + 1).build(columns);
    return add.checks().isEmpty()
        ? added
        : new Draft(added)
            .version(added.version())
            .checks(new TableBuilder(expressions).checks(add.checks(), added))
            .build(columns);
  }

  private @Nullable TableDescriptor dropColumn(TableDescriptor table, AlterAction.DropColumn drop) {
    if (table.column(drop.column().name()).isEmpty() && drop.ifExists()) {
      return null;
    }
    ColumnDescriptor column = require(table, drop.column());
    if (table.primaryKey().contains(column.id())) {
      throw drop.column()
          .position()
          .error(
              ErrorCode.INVALID_TABLE_DEFINITION,
              "column \"" + column.name() + "\" is in the primary key");
    }
    if (table.columns().size() == 1) {
      throw drop.column()
          .position()
          .error(ErrorCode.INVALID_TABLE_DEFINITION, "a table needs at least one column");
    }
    return requireChecksHold(
        new Draft(table)
            .build(table.columns().stream().filter(c -> c.id() != column.id()).toList()),
        column);
  }

  private TableDescriptor renameColumn(TableDescriptor table, AlterAction.RenameColumn rename) {
    ColumnDescriptor column = require(table, rename.column());
    if (table.column(rename.to().name()).isPresent()) {
      throw duplicate(rename.to(), table);
    }
    return requireChecksHold(
        change(table, column, c -> copy(c, rename.to().name(), c.nullable(), c.defaultSql())),
        column);
  }

  /** Checks are kept as text, so a column that one of them names must stay as it is. */
  private TableDescriptor requireChecksHold(TableDescriptor changed, ColumnDescriptor column) {
    for (CheckDescriptor check : changed.checks()) {
      try {
        expressions.checkCondition(check.conditionSql(), changed);
      } catch (SheafException e) {
        throw new SheafException(
                ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
                "constraint \"" + check.name() + "\" depends on column \"" + column.name() + "\"",
                e)
            .withHint("Drop the constraint first.");
      }
    }
    return changed;
  }

  private static TableDescriptor dropNotNull(TableDescriptor table, AlterAction.DropNotNull drop) {
    ColumnDescriptor column = require(table, drop.column());
    if (table.primaryKey().contains(column.id())) {
      throw drop.column()
          .position()
          .error(
              ErrorCode.INVALID_TABLE_DEFINITION,
              "column \"" + column.name() + "\" is in a primary key");
    }
    return change(table, column, c -> copy(c, c.name(), true, c.defaultSql()));
  }

  private static @Nullable TableDescriptor dropConstraint(
      TableDescriptor table, AlterAction.DropConstraint drop) {
    String name = drop.name().name();
    if (name.equals(table.primaryKeyName()) && !table.hasHiddenRowId()) {
      throw drop.name().position().unsupported("dropping a primary key");
    }
    TableDescriptor changed = withoutCheck(table, name);
    if (changed.checks().size() == table.checks().size()) {
      if (drop.ifExists()) {
        return null;
      }
      throw drop.name()
          .position()
          .error(
              ErrorCode.UNDEFINED_OBJECT,
              "constraint \"" + name + "\" of relation \"" + table.name() + "\" does not exist");
    }
    return changed;
  }

  static TableDescriptor withoutCheck(TableDescriptor table, String name) {
    return new Draft(table)
        .checks(table.checks().stream().filter(check -> !check.name().equals(name)).toList())
        .build(table.columns());
  }

  static TableDescriptor withCheck(TableDescriptor table, CheckDescriptor check) {
    List<CheckDescriptor> checks = new ArrayList<>(table.checks());
    checks.add(check);
    return new Draft(table).checks(checks).build(table.columns());
  }

  static TableDescriptor withNotNull(TableDescriptor table, int columnId) {
    ColumnDescriptor column = table.columns().get(table.ordinalOf(columnId));
    return change(table, column, c -> copy(c, c.name(), false, c.defaultSql()));
  }

  static TableDescriptor withId(TableDescriptor table, int id) {
    return new Draft(table).id(id).build(table.columns());
  }

  private static ColumnDescriptor require(TableDescriptor table, Identifier name) {
    return table
        .column(name.name())
        .orElseThrow(() ->
            name.position()
                .error(
                    ErrorCode.UNDEFINED_COLUMN,
                    "column \""
                        + name.name()
                        + "\" of relation \""
                        + table.name()
                        + "\" does not exist"));
  }

  private static SheafException duplicate(Identifier name, TableDescriptor table) {
    return name.position()
        .error(
            ErrorCode.DUPLICATE_COLUMN,
            "column \"" + name.name() + "\" of relation \"" + table.name() + "\" already exists");
  }

  private static TableDescriptor change(
      TableDescriptor table, ColumnDescriptor column, UnaryOperator<ColumnDescriptor> change) {
    return new Draft(table)
        .build(
            table.columns().stream()
                .map(c -> c.id() == column.id() ? change.apply(c) : c)
                .toList());
  }

  private static ColumnDescriptor copy(
      ColumnDescriptor c, String name, boolean nullable, @Nullable String defaultSql) {
    return new ColumnDescriptor(c.id(), name, c.type(), nullable, defaultSql, c.addedDefault());
  }

  /** A copy of a descriptor with the next version. */
  private static final class Draft {
    private final TableDescriptor from;
    private int id;
    private String name;
    private long version;
    private int nextColumnId;
    private List<CheckDescriptor> checks;

    Draft(TableDescriptor from) {
      this.from = from;
      this.id = from.id();
      this.name = from.name();
      this.version = from.version() + 1;
      this.nextColumnId = from.nextColumnId();
      this.checks = from.checks();
    }

    Draft id(int newId) {
      id = newId;
      return this;
    }

    Draft name(String newName) {
      name = newName;
      return this;
    }

    Draft version(long newVersion) {
      version = newVersion;
      return this;
    }

    Draft nextColumnId(int next) {
      nextColumnId = next;
      return this;
    }

    Draft checks(List<CheckDescriptor> newChecks) {
      checks = newChecks;
      return this;
    }

    TableDescriptor build(List<ColumnDescriptor> columns) {
      return new TableDescriptor(
          id,
          from.schema(),
          name,
          version,
          columns,
          from.primaryKey(),
          from.primaryKeyName(),
          checks,
          nextColumnId);
    }
  }
}
