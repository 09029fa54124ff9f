package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery;
import dev.sheaf.compute.sql.SqlQuery.Cte;
import dev.sheaf.compute.sql.SqlQuery.GroupItem;
import dev.sheaf.compute.sql.SqlQuery.JoinType;
import dev.sheaf.compute.sql.SqlQuery.Relation;
import dev.sheaf.compute.sql.SqlQuery.SetKind;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where WITH queries refer to one another, and whether those that refer to themselves do so where a
 * recursion is defined: PostgreSQL's rules and words.
 */
final class RecursionCheck {
  /** What a reference stands in, and what is wrong with that. */
  private enum Place {
    FINE(""),
    NON_RECURSIVE_TERM("must not appear within its non-recursive term"),
    SUBQUERY("must not appear within a subquery"),
    OUTER_JOIN("must not appear within an outer join"),
    INTERSECT("must not appear within INTERSECT"),
    EXCEPT("must not appear within EXCEPT");

    private final String fault;

    Place(String fault) {
      this.fault = fault;
    }
  }

  /** A reference to a name that no inner WITH redefines. */
  private record Found(String name, Place place, Position position) {}

  private final Set<String> sought;
  private final List<Found> found = new ArrayList<>();

  private RecursionCheck(Set<String> sought) {
    this.sought = sought;
  }

  /** Whether the query refers to itself. */
  static boolean refersToItself(Cte cte) {
    String name = cte.name().name();
    return cte.recursive() && !references(cte.query(), Set.of(name)).isEmpty();
  }

  private static List<Found> references(SqlQuery query, Set<String> names) {
    var check = new RecursionCheck(names);
    check.query(query, Place.FINE, Set.of());
    return check.found;
  }

  /**
   * The two terms of a query that refers to itself.
   *
   * @throws SheafException 42P19 if it has another form or the reference stands in a wrong place;
   *     0A000 for ORDER BY, LIMIT and OFFSET of the whole
   */
  static SqlQuery.SetOperation terms(Cte cte) {
    SqlQuery query = cte.query();
    String name = cte.name().name();
    boolean isUnion =
        query.body() instanceof SqlQuery.SetOperation set && set.kind() == SetKind.UNION;
    if (!isUnion) {
      throw cte.name()
          .position()
          .error(
              ErrorCode.INVALID_RECURSION,
              "recursive query \""
                  + name
                  + "\" does not have the form non-recursive-term UNION [ALL] recursive-term");
    }
    var set = (SqlQuery.SetOperation) query.body();
    if (!references(set.left(), Set.of(name)).isEmpty()) {
      throw wrong(name, Place.NON_RECURSIVE_TERM.fault, set.left().position());
    }
    for (Cte inner : query.with()) {
      if (!references(inner.query(), Set.of(name)).isEmpty()) {
        throw wrong(name, Place.SUBQUERY.fault, inner.name().position());
      }
    }
    if (!query.orderBy().isEmpty()) {
      throw query.position().unsupported("ORDER BY in a recursive query");
    }
    if (query.limit() != null || query.offset() != null) {
      throw query.position().unsupported("LIMIT or OFFSET in a recursive query");
    }
    List<Found> references = references(set.right(), Set.of(name));
    for (Found reference : references) {
      if (reference.place != Place.FINE) {
        throw wrong(name, reference.place.fault, reference.position);
      }
    }
    if (references.size() > 1) {
      throw wrong(name, "must not appear more than once", references.get(1).position);
    }
    return set;
  }

  private static SheafException wrong(String name, String fault, Position position) {
    return position.error(
        ErrorCode.INVALID_RECURSION, "recursive reference to query \"" + name + "\" " + fault);
  }

  /** 0A000 if queries of a recursive list refer to each other in a circle. */
  static void checkCircles(List<Cte> ctes) {
    if (ctes.isEmpty() || !ctes.getFirst().recursive()) {
      return;
    }
    Map<String, Cte> byName = new LinkedHashMap<>();
    ctes.forEach(c -> byName.put(c.name().name(), c));
    Map<String, Set<String>> uses = new LinkedHashMap<>();
    for (Cte cte : ctes) {
      Set<String> used = new LinkedHashSet<>();
      references(cte.query(), byName.keySet()).forEach(f -> used.add(f.name));
      used.remove(cte.name().name());
      uses.put(cte.name().name(), used);
    }
    // What uses only what is fine is fine; whatever is left uses itself.
    boolean progress = true;
    while (progress) {
      progress = uses.values().removeIf(used -> used.stream().noneMatch(uses::containsKey));
    }
    if (!uses.isEmpty()) {
      Cte first = byName.get(uses.keySet().iterator().next());
      throw (first == null ? Position.UNKNOWN : first.name().position())
          .unsupported("mutual recursion between WITH items");
    }
  }

  /** 42P19 if a SELECT that groups reads the rows of the last step of a recursion itself. */
  static void checkNotGrouped(SqlQuery.Select select, Environment environment) {
    if (select.from() != null && readsWorkingTable(select.from(), environment)) {
      boolean aggregates =
          select.items().stream()
              .anyMatch(i ->
                  i instanceof SqlQuery.Item item
                      && Syntax.any(item.expression(), Syntax::isAggregate));
      if (aggregates
          || (select.having() != null && Syntax.any(select.having(), Syntax::isAggregate))) {
        throw select
            .position()
            .error(
                ErrorCode.INVALID_RECURSION,
                "aggregate functions are not allowed in a recursive query's recursive term");
      }
    }
  }

  private static boolean readsWorkingTable(Relation relation, Environment environment) {
    return switch (relation) {
      case SqlQuery.Table table -> {
        @Nullable Environment place =
            table.name().schema() == null ? environment.find(table.name().name()) : null;
        yield place != null && place.working() != null;
      }
      case SqlQuery.Derived derived -> false;
      case SqlQuery.Join join ->
          readsWorkingTable(join.left(), environment)
              || readsWorkingTable(join.right(), environment);
    };
  }

  private void query(SqlQuery query, Place place, Set<String> hidden) {
    Set<String> inside = hidden;
    for (Cte cte : query.with()) {
      if (cte.recursive()) {
        inside = hidden(hidden, query.with());
        query(cte.query(), place, inside);
      } else {
        query(cte.query(), place, inside);
        inside = hidden(inside, List.of(cte));
      }
    }
    switch (query.body()) {
      case SqlQuery.Select select -> select(select, place, inside);
      case SqlQuery.Values values -> {
        for (List<SqlExpression> row : values.rows()) {
          expressions(row, inside);
        }
      }
      case SqlQuery.SetOperation set -> setOperation(set, place, inside);
    }
    for (SqlQuery.OrderItem item : query.orderBy()) {
      expression(item.expression(), inside);
    }
    nullable(query.limit(), inside);
    nullable(query.offset(), inside);
  }

  private static Set<String> hidden(Set<String> hidden, List<Cte> ctes) {
    Set<String> all = new LinkedHashSet<>(hidden);
    ctes.forEach(c -> all.add(c.name().name()));
    return all;
  }

  private void setOperation(SqlQuery.SetOperation set, Place place, Set<String> hidden) {
    Place left = place;
    Place right = place;
    if (set.kind() == SetKind.INTERSECT && set.all()) {
      left = worse(place, Place.INTERSECT);
      right = left;
    } else if (set.kind() == SetKind.EXCEPT) {
      left = set.all() ? worse(place, Place.EXCEPT) : place;
      right = worse(place, Place.EXCEPT);
    }
    query(set.left(), left, hidden);
    query(set.right(), right, hidden);
  }

  /** What was wrong further out is what is said. */
  private static Place worse(Place outer, Place inner) {
    return outer == Place.FINE ? inner : outer;
  }

  private void select(SqlQuery.Select select, Place place, Set<String> hidden) {
    for (SqlQuery.SelectItem item : select.items()) {
      if (item instanceof SqlQuery.Item i) {
        expression(i.expression(), hidden);
      }
    }
    if (select.from() != null) {
      relation(select.from(), place, hidden);
    }
    nullable(select.where(), hidden);
    select.groupBy().forEach(item -> group(item, hidden));
    nullable(select.having(), hidden);
    select.windows().forEach(w -> expressions(Syntax.parts(w.window()), hidden));
  }

  private void group(GroupItem item, Set<String> hidden) {
    switch (item) {
      case SqlQuery.GroupKey key -> expression(key.expression(), hidden);
      case SqlQuery.Rollup rollup -> expressions(rollup.units(), hidden);
      case SqlQuery.Cube cube -> expressions(cube.units(), hidden);
      case SqlQuery.GroupingSets sets -> sets.items().forEach(i -> group(i, hidden));
      case SqlQuery.DistinctSets sets -> sets.items().forEach(i -> group(i, hidden));
    }
  }

  private void relation(Relation relation, Place place, Set<String> hidden) {
    switch (relation) {
      case SqlQuery.Table table -> {
        String name = table.name().name();
        if (table.name().schema() == null && sought.contains(name) && !hidden.contains(name)) {
          found.add(new Found(name, place, table.position()));
        }
        nullable(table.asOf(), hidden);
      }
      case SqlQuery.Derived derived -> query(derived.query(), place, hidden);
      case SqlQuery.Join join -> {
        Place outer = worse(place, Place.OUTER_JOIN);
        boolean leftIsOuter = join.type() == JoinType.RIGHT || join.type() == JoinType.FULL;
        boolean rightIsOuter = join.type() == JoinType.LEFT || join.type() == JoinType.FULL;
        relation(join.left(), leftIsOuter ? outer : place, hidden);
        relation(join.right(), rightIsOuter ? outer : place, hidden);
        nullable(join.on(), hidden);
      }
    }
  }

  private void nullable(@Nullable SqlExpression expression, Set<String> hidden) {
    if (expression != null) {
      expression(expression, hidden);
    }
  }

  private void expressions(List<SqlExpression> list, Set<String> hidden) {
    list.forEach(e -> expression(e, hidden));
  }

  private void expression(SqlExpression expression, Set<String> hidden) {
    @Nullable SqlQuery query = Syntax.subquery(expression);
    if (query != null) {
      query(query, Place.SUBQUERY, hidden);
    }
    expressions(Syntax.children(expression), hidden);
  }
}
