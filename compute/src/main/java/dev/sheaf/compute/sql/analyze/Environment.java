package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlQuery.Cte;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.jspecify.annotations.Nullable;

/**
 * The WITH queries that are visible, innermost first. Immutable.
 *
 * @param rest the ones before it
 * @param outer the clause that encloses the WITH, null = none
 * @param siblings all of its list, if that is recursive
 * @param working what its name means inside of its own recursive term, null elsewhere
 */
record Environment(
    @Nullable Cte cte,
    @Nullable Environment rest,
    @Nullable ExpressionBinder outer,
    @Nullable Siblings siblings,
    @Nullable WorkingTable working) {
  static final Environment EMPTY = new Environment(null, null, null, null, null);

  /**
   * A list after WITH RECURSIVE.
   *
   * @param before what is visible to all of them
   */
  record Siblings(Environment before, List<Cte> all) {}

  /** The rows that the last step of a recursion has added. */
  record WorkingTable(int id, List<String> names, RelDataType row) {}

  Environment with(List<Cte> ctes, @Nullable ExpressionBinder enclosing) {
    Environment all = this;
    for (Cte cte : ctes) {
      Siblings siblings = cte.recursive() ? new Siblings(this, ctes) : null;
      all = new Environment(cte, all, enclosing, siblings, null);
    }
    return all;
  }

  /** With the query's name for the rows of the last step. */
  Environment with(Cte cte, WorkingTable working) {
    return new Environment(cte, this, null, null, working);
  }

  /** What the query itself may refer to. */
  Environment visible() {
    if (siblings != null) {
      return siblings.before.with(siblings.all, outer);
    }
    return rest == null ? EMPTY : rest;
  }

  /** The place of the WITH query of this name, null if there is none. */
  @Nullable Environment find(String name) {
    for (Environment e = this; e != null && e.cte != null; e = e.rest) {
      if (e.cte.name().name().equals(name)) {
        return e;
      }
    }
    return null;
  }
}
