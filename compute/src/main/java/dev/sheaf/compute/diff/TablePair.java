package dev.sheaf.compute.diff;

import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A table by its name on both sides. Columns are matched by name and type; one that only one side
 * has is a difference of the schema and makes no row a changed one. Immutable.
 *
 * @param from null = the first side does not have it
 * @param to null = the second does not; not both are null
 */
public record TablePair(@Nullable TableDescriptor from, @Nullable TableDescriptor to) {

  /** All tables that are on either side, by schema and name. */
  public static List<TablePair> of(Catalog from, Catalog to) {
    var pairs = new TreeMap<String, TablePair>();
    for (TableDescriptor table : from.tables()) {
      pairs.put(order(table), new TablePair(table, to.table(table.schema(), table.name())));
    }
    for (TableDescriptor table : to.tables()) {
      pairs.putIfAbsent(order(table), new TablePair(null, table));
    }
    return List.copyOf(pairs.values());
  }

  private static String order(TableDescriptor table) {
    return table.schema() + '\0' + table.name();
  }

  /** One of them: for what is the same on both sides. */
  TableDescriptor any() {
    return to != null ? to : Objects.requireNonNull(from);
  }

  /** A column that both sides have. */
  record ColumnPair(ColumnDescriptor from, ColumnDescriptor to) {}

  List<ColumnPair> compared() {
    if (from == null || to == null) {
      return List.of();
    }
    var pairs = new ArrayList<ColumnPair>();
    for (ColumnDescriptor column : from.columns()) {
      to.column(column.name())
          .filter(other -> other.type().equals(column.type()))
          .ifPresent(other -> pairs.add(new ColumnPair(column, other)));
    }
    return pairs;
  }

  /**
   * Whether a row that lies in the same place on both sides shows the same values there: the
   * columns are the same ones, with the same value where a row lacks them.
   */
  boolean sharesRows() {
    return from != null
        && to != null
        && from.id() == to.id()
        && compared().stream()
            .allMatch(pair ->
                pair.from.id() == pair.to.id()
                    && Objects.deepEquals(pair.from.addedDefault(), pair.to.addedDefault()));
  }

  /** Whether rows are matched by their key; else equal rows are counted. */
  boolean byKey() {
    return from == null || to == null || !from.hasHiddenRowId() && !to.hasHiddenRowId();
  }

  /** Why the rows of the two cannot be compared, 0A000; null = they can. */
  public @Nullable SheafException incomparable() {
    if (from == null || to == null) {
      return null;
    }
    if (!keyTypes(from).equals(keyTypes(to))) {
      return refused("their primary keys differ");
    }
    boolean sameColumns =
        from.columns().size() == to.columns().size() && from.columns().size() == compared().size();
    return byKey() || sameColumns
        ? null
        : refused("they have no primary key, and not the same columns");
  }

  private SheafException refused(String why) {
    return new SheafException(
            ErrorCode.FEATURE_NOT_SUPPORTED,
            "the rows of table " + any().qualifiedName() + " cannot be compared: " + why)
        .withHint("The summary shows how the tables differ; query both sides for their rows.");
  }

  private static List<SqlType> keyTypes(TableDescriptor table) {
    return table.primaryKey().stream()
        .map(id -> table.columns().get(table.ordinalOf(id)).type())
        .toList();
  }

  /** How the schema differs, in words; null = it does not. */
  public @Nullable String schemaChange() {
    if (from == null) {
      return "table added";
    }
    if (to == null) {
      return "table dropped";
    }
    var changes = new ArrayList<String>();
    for (ColumnDescriptor column : from.columns()) {
      to.column(column.name())
          .ifPresentOrElse(
              other -> addColumnChanges(column, other, changes),
              () -> changes.add("column " + column.name() + " dropped"));
    }
    for (ColumnDescriptor column : to.columns()) {
      if (from.column(column.name()).isEmpty()) {
        changes.add("column " + column.name() + " " + column.type() + " added");
      }
    }
    if (!keyNames(from).equals(keyNames(to))) {
      changes.add("primary key " + keyNames(from) + " now " + keyNames(to));
    }
    addCheckChanges(from.checks(), to.checks(), changes);
    return changes.isEmpty() ? null : String.join("; ", changes);
  }

  private static void addColumnChanges(
      ColumnDescriptor before, ColumnDescriptor after, List<String> changes) {
    String column = "column " + before.name();
    if (!before.type().equals(after.type())) {
      changes.add(column + " " + before.type() + " now " + after.type());
    }
    if (before.nullable() != after.nullable()) {
      changes.add(column + (after.nullable() ? " now takes NULL" : " now NOT NULL"));
    }
    if (!Objects.equals(before.defaultSql(), after.defaultSql())) {
      changes.add(column + " default " + before.defaultSql() + " now " + after.defaultSql());
    }
  }

  private static void addCheckChanges(
      List<CheckDescriptor> before, List<CheckDescriptor> after, List<String> changes) {
    before.stream()
        .filter(check -> !after.contains(check))
        .forEach(check -> changes.add("check " + check.name() + " dropped"));
    after.stream()
        .filter(check -> !before.contains(check))
        .forEach(check -> changes.add("check " + check.name() + " added"));
  }

  private static String keyNames(TableDescriptor table) {
    return table.primaryKey().isEmpty()
        ? "none"
        : table.primaryKey().stream()
            .map(id -> table.columns().get(table.ordinalOf(id)).name())
            .toList()
            .toString();
  }
}
