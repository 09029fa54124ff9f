package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.SqlQuery.Cte;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The WITH queries that are visible, innermost first. Immutable.
 *
 * @param rest what the query itself may refer to: the ones before it
 * @param outer the clause that encloses the WITH, null = none
 */
record Environment(
    @Nullable Cte cte, @Nullable Environment rest, @Nullable ExpressionBinder outer) {
  static final Environment EMPTY = new Environment(null, null, null);

  Environment with(List<Cte> ctes, @Nullable ExpressionBinder enclosing) {
    Environment all = this;
    for (Cte cte : ctes) {
      all = new Environment(cte, all, enclosing);
    }
    return all;
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
