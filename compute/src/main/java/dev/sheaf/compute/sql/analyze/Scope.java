package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression.Name;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/**
 * The columns that names can mean, over one row type. Immutable.
 *
 * @param columns in the order of {@code *}
 */
record Scope(RelDataType row, List<ScopeColumn> columns) {
  static final Scope EMPTY = new Scope(CalciteTypes.row(List.of()), List.of());

  /**
   * @param source the FROM item; several columns share one
   * @param value over the scope's row
   * @param merged USING or NATURAL made this a part of another column: seen only with its qualifier
   */
  record ScopeColumn(Source source, String name, RexNode value, boolean merged) {}

  /**
   * A FROM item. Compared by identity.
   *
   * @param table null = no base table
   */
  static final class Source {
    private final @Nullable String schema;
    private final String alias;
    private final @Nullable TableDescriptor table;

    Source(@Nullable String schema, String alias, @Nullable TableDescriptor table) {
      this.schema = schema;
      this.alias = alias;
      this.table = table;
    }

    String alias() {
      return alias;
    }

    @Nullable String schema() {
      return schema;
    }

    @Nullable TableDescriptor table() {
      return table;
    }

    boolean isNamed(List<String> qualifier) {
      return switch (qualifier.size()) {
        case 1 -> alias.equals(qualifier.getFirst());
        case 2 -> qualifier.getFirst().equals(schema) && alias.equals(qualifier.get(1));
        default -> false;
      };
    }
  }

  /** The column that the name means here, null if none; 42702 if several. */
  @Nullable ScopeColumn find(Name name) {
    List<String> qualifier = name.parts().subList(0, name.parts().size() - 1);
    @Nullable ScopeColumn found = null;
    for (ScopeColumn column : columns) {
      boolean matches =
          column.name.equals(name.column())
              && (qualifier.isEmpty() ? !column.merged : column.source.isNamed(qualifier));
      if (matches && found != null) {
        throw name.position()
            .error(ErrorCode.AMBIGUOUS_COLUMN, "column reference \"" + name + "\" is ambiguous")
            .withHint("Qualify it with the table's name or alias.");
      }
      found = matches ? column : found;
    }
    return found;
  }

  boolean hasSource(List<String> qualifier) {
    return columns.stream().anyMatch(c -> c.source.isNamed(qualifier));
  }

  /** The columns of {@code *} or {@code t.*}. */
  List<ScopeColumn> star(List<String> qualifier, Position position) {
    List<ScopeColumn> chosen =
        columns.stream()
            .filter(c -> qualifier.isEmpty() ? !c.merged : c.source.isNamed(qualifier))
            .toList();
    if (chosen.isEmpty() && !qualifier.isEmpty()) {
      throw missingSource(String.join(".", qualifier), position);
    }
    if (chosen.isEmpty()) {
      throw position.error(
          ErrorCode.SYNTAX_ERROR, "SELECT * with no tables specified is not valid");
    }
    return chosen;
  }

  /** 42703, or 42P01 when the qualifier already names nothing. */
  SheafException missing(Name name) {
    if (name.parts().size() > 1) {
      List<String> qualifier = name.parts().subList(0, name.parts().size() - 1);
      if (!hasSource(qualifier)) {
        return missingSource(String.join(".", qualifier), name.position());
      }
    }
    SheafException error =
        name.position().error(ErrorCode.UNDEFINED_COLUMN, "column \"" + name + "\" does not exist");
    return Suggestions.nearest(name.column(), columns.stream().map(ScopeColumn::name).toList())
        .map(s -> error.withHint("Did you mean \"" + s + "\"?"))
        .orElse(error);
  }

  private SheafException missingSource(String qualifier, Position position) {
    SheafException error =
        position.error(
            ErrorCode.UNDEFINED_TABLE, "missing FROM-clause entry for table \"" + qualifier + "\"");
    return Suggestions.nearest(
            qualifier, columns.stream().map(c -> c.source.alias).distinct().toList())
        .map(s -> error.withHint("Did you mean \"" + s + "\"?"))
        .orElse(error);
  }

  /** Columns of one relation, from the given place in the row. */
  static Scope of(Source source, List<String> names, RelDataType row) {
    var columns = new ArrayList<ScopeColumn>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(new ScopeColumn(source, names.get(i), Scalars.column(row, i), false));
    }
    return new Scope(row, List.copyOf(columns));
  }
}
