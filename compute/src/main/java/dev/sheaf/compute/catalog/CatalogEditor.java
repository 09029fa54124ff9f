package dev.sheaf.compute.catalog;

import dev.sheaf.compute.sql.ParsedStatement.AlterAction;
import dev.sheaf.compute.sql.ParsedStatement.CreateSchema;
import dev.sheaf.compute.sql.ParsedStatement.CreateTable;
import dev.sheaf.compute.sql.ParsedStatement.DropSchema;
import dev.sheaf.compute.sql.ParsedStatement.DropTable;
import dev.sheaf.compute.sql.TableName;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns one DDL statement into writes of catalog rows. DROP and TRUNCATE of any size are changes of
 * descriptors only: the rows of a table id that no descriptor names are out of reach.
 *
 * <p>Conflicts: every change of a table writes its row in {@code tables}, which all DML guards.
 * Creating a table in a user's schema rewrites the schema's row, so that it conflicts with DROP
 * SCHEMA. Used by one thread for one statement.
 */
public final class CatalogEditor {
  private final Catalog catalog;
  private final CatalogNames names;
  private final CatalogWrites writes;
  private final DdlExpressions expressions;
  private final IntSupplier tableIds;

  /**
   * @param names with the catalog that includes the transaction's own changes
   * @param tableIds draws the next table id
   */
  public CatalogEditor(
      CatalogNames names, CatalogWrites writes, DdlExpressions expressions, IntSupplier tableIds) {
    this.catalog = names.catalog();
    this.names = names;
    this.writes = writes;
    this.expressions = expressions;
    this.tableIds = tableIds;
  }

  public void createSchema(CreateSchema create) {
    String name = create.name().name();
    if (catalog.hasSchema(name)) {
      if (!create.ifNotExists()) {
        throw create
            .name()
            .position()
            .error(ErrorCode.DUPLICATE_SCHEMA, "schema \"" + name + "\" already exists");
      }
      return;
    }
    writes.insert(CatalogTables.schemaKey(name), CatalogTables.schemaRow(name));
  }

  public void dropSchema(DropSchema drop) {
    String name = drop.name().name();
    if (name.equals(CatalogTables.PUBLIC) || name.equals(CatalogTables.INFORMATION_SCHEMA)) {
      throw new SheafException(
          ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
          "cannot drop schema " + name + " because the database system requires it");
    }
    if (!catalog.hasSchema(name)) {
      if (!drop.ifExists()) {
        throw CatalogNames.noSchema(name)
            .at(drop.name().position().line(), drop.name().position().column());
      }
      return;
    }
    List<TableDescriptor> tables =
        catalog.tables().stream().filter(t -> t.schema().equals(name)).toList();
    if (!tables.isEmpty() && !drop.cascade()) {
      throw new SheafException(
              ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
              "cannot drop schema "
                  + name
                  + " because other objects depend on it: table "
                  + tables.getFirst().qualifiedName())
          .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
    }
    tables.forEach(this::remove);
    writes.delete(CatalogTables.schemaKey(name));
  }

  /**
   * @param create with its columns: those of CREATE TABLE AS already derived from the query
   * @return empty if the table exists and IF NOT EXISTS was said
   */
  public Optional<TableDescriptor> createTable(CreateTable create) {
    String schema = names.schemaForNew(create.table());
    if (catalog.table(schema, create.table().name()) != null) {
      if (create.ifNotExists()) {
        return Optional.empty();
      }
      throw create
          .table()
          .position()
          .error(
              ErrorCode.DUPLICATE_TABLE,
              "relation \"" + create.table().name() + "\" already exists");
    }
    TableDescriptor table =
        new TableBuilder(expressions).build(create, schema, tableIds.getAsInt());
    add(table);
    return Optional.of(table);
  }

  private void add(TableDescriptor table) {
    String schema = table.schema();
    if (!schema.equals(CatalogTables.PUBLIC)) {
      writes.put(CatalogTables.schemaKey(schema), CatalogTables.schemaRow(schema));
    }
    writes.insert(CatalogTables.nameKey(schema, table.name()), CatalogTables.nameRow(table));
    writes.insert(CatalogTables.tableKey(table.id()), CatalogTables.tableRow(table));
  }

  private void remove(TableDescriptor table) {
    writes.delete(CatalogTables.nameKey(table.schema(), table.name()));
    writes.delete(CatalogTables.tableKey(table.id()));
  }

  /**
   * @return the names that IF EXISTS passed over
   */
  public List<TableName> dropTables(DropTable drop) {
    Map<Integer, TableDescriptor> dropped = new HashMap<>();
    List<TableName> missing = new java.util.ArrayList<>();
    for (TableName name : drop.tables()) {
      Optional<TableDescriptor> table =
          drop.ifExists() ? names.find(name) : Optional.of(names.require(name));
      table.ifPresentOrElse(t -> dropped.put(t.id(), t), () -> missing.add(name));
    }
    dropped.values().forEach(this::remove);
    return missing;
  }

  /** Empties tables by giving each a new id. */
  public void truncate(List<TableName> tableNames) {
    Map<Integer, TableDescriptor> tables = new HashMap<>();
    for (TableName name : tableNames) {
      TableDescriptor table = names.require(name);
      tables.put(table.id(), table);
    }
    for (TableDescriptor table : tables.values()) {
      var emptied = TableChanges.withId(table, tableIds.getAsInt());
      writes.delete(CatalogTables.tableKey(table.id()));
      writes.insert(CatalogTables.tableKey(emptied.id()), CatalogTables.tableRow(emptied));
      writes.put(
          CatalogTables.nameKey(table.schema(), table.name()), CatalogTables.nameRow(emptied));
    }
  }

  /**
   * Changes a table's descriptor.
   *
   * @return the changed table; null if IF [NOT] EXISTS made it a no-op
   */
  public @Nullable TableDescriptor alter(TableDescriptor table, AlterAction action) {
    TableDescriptor changed = new TableChanges(expressions).apply(table, action);
    if (changed == null) {
      return null;
    }
    if (!changed.name().equals(table.name())) {
      if (catalog.table(changed.schema(), changed.name()) != null) {
        throw new SheafException(
            ErrorCode.DUPLICATE_TABLE, "relation \"" + changed.name() + "\" already exists");
      }
      writes.delete(CatalogTables.nameKey(table.schema(), table.name()));
      writes.insert(
          CatalogTables.nameKey(changed.schema(), changed.name()), CatalogTables.nameRow(changed));
    }
    replace(changed);
    return changed;
  }

  /** Adds a check that is enforced from this transaction's commit on. */
  public void addCheck(TableDescriptor table, CheckDescriptor check) {
    replace(TableChanges.withCheck(table, check));
  }

  public void dropCheck(TableDescriptor table, String name) {
    replace(TableChanges.withoutCheck(table, name));
  }

  /** Makes a check that says so into NOT NULL. */
  public void checkToNotNull(TableDescriptor table, String check, int columnId) {
    replace(TableChanges.withNotNull(TableChanges.withoutCheck(table, check), columnId));
  }

  /** Writes a new version of a table that keeps its id and name. */
  private void replace(TableDescriptor changed) {
    writes.put(CatalogTables.tableKey(changed.id()), CatalogTables.tableRow(changed));
  }
}
