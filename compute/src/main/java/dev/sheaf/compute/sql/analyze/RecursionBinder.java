package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlQuery.Cte;
import dev.sheaf.compute.sql.analyze.Environment.WorkingTable;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Binds WITH queries that refer to themselves. */
final class RecursionBinder {
  /** Of DECIMALs that gain digits after the point from step to step: as DECIMAL without digits. */
  private static final int GROWING_SCALE = 9;

  private final BindContext context;

  RecursionBinder(BindContext context) {
    this.context = context;
  }

  /**
   * @param place of the query, which refers to itself
   * @throws dev.sheaf.protocol.error.SheafException 42P19, 0A000 for a recursion that is none;
   *     42804 if the recursive term has another type
   */
  BoundQuery bind(Cte cte, Environment place) {
    SqlQuery.SetOperation terms = RecursionCheck.terms(cte);
    Environment visible = place.visible().with(cte.query().with(), place.outer());
    var binder = new QueryBinder(context, visible, place.outer());
    BoundQuery first = binder.bind(terms.left(), false);
    List<SqlType> types = new ArrayList<>(types(first.rel()));
    List<String> names = RelationBinder.renamed(first.names(), cte.columns(), cte.name());
    List<SqlType> expected = List.copyOf(types);
    int id = context.nextRecursion();
    RelNode second = step(cte, terms, place, visible, id, names, types);
    if (!types.equals(expected)) {
      second = step(cte, terms, place, visible, id, names, types);
    }
    RelNode left = cast(first.rel(), types, cte);
    RelNode right = cast(second, types, cte);
    RelNode rel =
        new RecursiveRel(
            left.getCluster(),
            left.getTraitSet(),
            left,
            right,
            id,
            cte.name().name(),
            terms.all(),
            row(names, types));
    return new BoundQuery(rel, names);
  }

  /**
   * The recursive term.
   *
   * @param types of the query's columns; DECIMALs become wide enough for all steps
   */
  private RelNode step(
      Cte cte,
      SqlQuery.SetOperation terms,
      Environment place,
      Environment visible,
      int id,
      List<String> names,
      List<SqlType> types) {
    Environment inside = visible.with(cte, new WorkingTable(id, names, row(names, types)));
    BoundQuery bound = new QueryBinder(context, inside, place.outer()).bind(terms.right(), true);
    if (bound.names().size() != types.size()) {
      throw terms
          .position()
          .error(ErrorCode.SYNTAX_ERROR, "each UNION query must have the same number of columns");
    }
    List<RexNode> columns = Columns.of(bound.rel());
    for (int i = 0; i < types.size(); i++) {
      types.set(i, common(types.get(i), Scalars.typeOf(columns.get(i)), i, cte));
    }
    return bound.rel();
  }

  private static SqlType common(SqlType first, SqlType next, int column, Cte cte) {
    @Nullable SqlType both = Coercion.common(first, next);
    if (both == null) {
      throw cte.name()
          .position()
          .error(
              ErrorCode.DATATYPE_MISMATCH,
              "UNION types " + first + " and " + next + " cannot be matched");
    }
    if (first.kind() == Kind.DECIMAL && both.kind() == Kind.DECIMAL) {
      int scale =
          next.scale() > first.scale() ? Math.max(GROWING_SCALE, first.scale()) : first.scale();
      return SqlType.decimal(SqlType.MAX_DECIMAL_PRECISION, scale);
    }
    if (!both.equals(first)) {
      throw cte.name()
          .position()
          .error(
              ErrorCode.DATATYPE_MISMATCH,
              "recursive query \""
                  + cte.name().name()
                  + "\" column "
                  + (column + 1)
                  + " has type "
                  + first
                  + " in non-recursive term but type "
                  + both
                  + " overall")
          .withHint("Cast the output of the non-recursive term to the correct type.");
    }
    return both;
  }

  private static List<SqlType> types(RelNode rel) {
    return CalciteTypes.fields(rel.getRowType()).stream().map(Field::type).toList();
  }

  /** Any column can be NULL in some step. */
  private static RelDataType row(List<String> names, List<SqlType> types) {
    var fields = new ArrayList<Field>();
    for (int i = 0; i < types.size(); i++) {
      fields.add(new Field(names.get(i), types.get(i), true));
    }
    return CalciteTypes.row(fields);
  }

  private RelNode cast(RelNode rel, List<SqlType> types, Cte cte) {
    List<RexNode> columns = Columns.of(rel);
    for (int i = 0; i < types.size(); i++) {
      columns.set(i, context.scalars().cast(columns.get(i), types.get(i), cte.name().position()));
    }
    return Columns.replace(rel, columns);
  }
}
