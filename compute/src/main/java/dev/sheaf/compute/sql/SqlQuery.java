package dev.sheaf.compute.sql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query as written: optional WITH, a body, then what orders and limits the whole.
 *
 * @param limit null = all
 * @param offset null = 0
 */
public record SqlQuery(
    List<Cte> with,
    Body body,
    List<OrderItem> orderBy,
    @Nullable SqlExpression limit,
    @Nullable SqlExpression offset,
    Position position) {

  /**
   * @param columns new names of the leading columns, may be empty
   * @param recursive WITH RECURSIVE: it may refer to itself and to all others of its list
   */
  public record Cte(Identifier name, List<Identifier> columns, SqlQuery query, boolean recursive) {}

  /**
   * @param nullsFirst null = as PostgreSQL: last when ascending, first when descending
   */
  public record OrderItem(
      SqlExpression expression, boolean descending, @Nullable Boolean nullsFirst) {}

  /** What a query consists of. */
  public sealed interface Body {
    Position position();
  }

  /** SELECT. An empty select list is allowed, as in PostgreSQL. */
  public record Select(
      boolean distinct,
      List<SelectItem> items,
      @Nullable Relation from,
      @Nullable SqlExpression where,
      List<GroupItem> groupBy,
      @Nullable SqlExpression having,
      List<SqlWindow.Named> windows,
      Position position)
      implements Body {}

  /**
   * An element of GROUP BY: one or more grouping sets. The sets of several elements are combined
   * each with each. A row value stands for its parts together, one without parts for no key at all.
   */
  public sealed interface GroupItem {}

  public record GroupKey(SqlExpression expression) implements GroupItem {}

  /** All units, all but the last, and so on to none. */
  public record Rollup(List<SqlExpression> units, Position position) implements GroupItem {}

  /** Every choice of the units. */
  public record Cube(List<SqlExpression> units, Position position) implements GroupItem {}

  /** The sets of one element and those of the next. */
  public record GroupingSets(List<GroupItem> items, Position position) implements GroupItem {}

  /** GROUP BY DISTINCT: the sets that the elements combine to, each once. */
  public record DistinctSets(List<GroupItem> items) implements GroupItem {}

  public record Values(List<List<SqlExpression>> rows, Position position) implements Body {}

  public enum SetKind {
    UNION,
    INTERSECT,
    EXCEPT
  }

  public record SetOperation(
      SetKind kind, boolean all, SqlQuery left, SqlQuery right, Position position)
      implements Body {}

  /** An element of the select list or of RETURNING. */
  public sealed interface SelectItem {}

  /** {@code *} or, with a qualifier, {@code t.*}. */
  public record Star(List<String> qualifier, Position position) implements SelectItem {}

  public record Item(SqlExpression expression, @Nullable Identifier alias) implements SelectItem {}

  /** An element of FROM. */
  public sealed interface Relation {
    Position position();
  }

  /**
   * @param alias null = the table's own name
   * @param columns new names of the leading columns, may be empty
   * @param asOf FOR SYSTEM_TIME AS OF, null = the transaction's snapshot
   */
  public record Table(
      TableName name,
      @Nullable Identifier alias,
      List<Identifier> columns,
      @Nullable SqlExpression asOf,
      Position position)
      implements Relation {}

  public record Derived(
      SqlQuery query,
      @Nullable Identifier alias,
      List<Identifier> columns,
      boolean lateral,
      Position position)
      implements Relation {}

  public enum JoinType {
    INNER,
    LEFT,
    RIGHT,
    FULL,
    CROSS
  }

  /**
   * @param on null = CROSS, NATURAL or USING
   * @param using null = no USING clause
   */
  public record Join(
      JoinType type,
      Relation left,
      Relation right,
      @Nullable SqlExpression on,
      @Nullable List<Identifier> using,
      boolean natural,
      Position position)
      implements Relation {}
}
