package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.WindowFn;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The physical plan: what leaves the planner and enters the executor. Immutable; holds no Calcite
 * object; shared by executions (parameters and correlated values stay symbolic in the expressions).
 *
 * <p>Expressions refer to the node's input columns by position; for joins the left input's columns
 * come first, then the right's.
 */
public sealed interface PlanNode {
  /** The columns that the node puts out. */
  List<Field> output();

  List<PlanNode> inputs();

  /**
   * Reads a table. Output: the columns, then, if {@code withKey}, the encoded table key (BYTES),
   * which UPDATE and DELETE need.
   *
   * @param columns ordinals in {@code table.columns()}
   * @param filter over the output columns, null = none; conjuncts also prune segments by zone maps
   * @param keyBounds restriction of the key range derived from the filter; the filter repeats it
   * @param asOf FOR SYSTEM_TIME AS OF expression (TIMESTAMPTZ), null = the transaction's snapshot
   * @param estimatedRows after the filter
   */
  record TableScan(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      @Nullable Expr filter,
      KeyBounds keyBounds,
      @Nullable Expr asOf,
      double estimatedRows,
      List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  /**
   * A prefix of the primary key's columns fixed by constant expressions (literals, parameters,
   * correlated values), then a range on the next column. All types are those of the key columns.
   *
   * @param equal values of the leading key columns
   * @param lower bound on the key column after those, null = none
   * @param upper likewise
   */
  record KeyBounds(
      List<Expr> equal,
      @Nullable Expr lower,
      boolean lowerInclusive,
      @Nullable Expr upper,
      boolean upperInclusive) {
    public static final KeyBounds ALL = new KeyBounds(List.of(), null, true, null, true);
  }

  /**
   * Reads rows by complete primary keys. Output as {@link TableScan}. NULL in a key finds nothing;
   * equal keys are read once.
   *
   * @param keys one list of expressions per key, in key column order
   * @param filter residual predicate over the output, null = none
   */
  record KeyLookup(
      TableDescriptor table,
      List<Integer> columns,
      boolean withKey,
      List<List<Expr>> keys,
      @Nullable Expr filter,
      @Nullable Expr asOf,
      List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  /**
   * Reads a table that exists only in the compute (information_schema).
   *
   * @param name qualified, for example information_schema.tables
   */
  record SystemScan(String name, List<Field> output) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  /** Literal rows; expressions without columns. No columns and one row: SELECT without FROM. */
  record Values(List<List<Expr>> rows, List<Field> output) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  record Filter(PlanNode input, Expr condition) implements PlanNode {
    @Override
    public List<Field> output() {
      return input.output();
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  record Project(PlanNode input, List<Expr> expressions, List<Field> output) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  enum JoinKind {
    INNER,
    LEFT,
    RIGHT,
    FULL,
    /** Left rows with a match; output = left columns. */
    SEMI,
    /** Left rows without a match; output = left columns. */
    ANTI
  }

  /**
   * Equi-join; the right input is the build side, or for SEMI and ANTI the left if {@code
   * buildLeft} says so. Keys have pairwise equal types. NULL keys match nothing, unless the flag
   * says that two NULLs are equal (IS NOT DISTINCT FROM).
   *
   * @param residual over left then right columns, part of the join condition; null = none
   */
  record HashJoin(
      JoinKind kind,
      PlanNode left,
      PlanNode right,
      List<Integer> leftKeys,
      List<Integer> rightKeys,
      List<Boolean> nullsAreEqual,
      @Nullable Expr residual,
      List<Field> output,
      boolean buildLeft)
      implements PlanNode {

    public HashJoin {
      if (buildLeft && kind != JoinKind.SEMI && kind != JoinKind.ANTI) {
        throw new IllegalArgumentException(kind + " builds the right side");
      }
    }

    /** Builds the right side. */
    public HashJoin(
        JoinKind kind,
        PlanNode left,
        PlanNode right,
        List<Integer> leftKeys,
        List<Integer> rightKeys,
        List<Boolean> nullsAreEqual,
        @Nullable Expr residual,
        List<Field> output) {
      this(kind, left, right, leftKeys, rightKeys, nullsAreEqual, residual, output, false);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(left, right);
    }
  }

  /** Any join condition (null = cross join); the right input is kept in memory. */
  record NestedLoopJoin(
      JoinKind kind, PlanNode left, PlanNode right, @Nullable Expr condition, List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(left, right);
    }
  }

  /**
   * Runs the right side again for each left row; {@link Expr.Correlated} with this id names the
   * row's columns. Kind is INNER, LEFT, SEMI or ANTI.
   */
  record Correlate(int id, JoinKind kind, PlanNode left, PlanNode right, List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(left, right);
    }
  }

  /**
   * Groups by columns of the input. Output: the group columns, then one per aggregate. Without
   * group columns there is exactly one output row; without aggregates it is DISTINCT.
   *
   * @param sets the sets of group columns to group by, as ascending positions in {@code groupBy}:
   *     the rows of all of them are put out, with NULL for the group columns that a row's set
   *     lacks; equal sets give their rows as often. None = one set of all group columns.
   */
  record Aggregate(
      PlanNode input,
      List<Integer> groupBy,
      List<List<Integer>> sets,
      List<AggregateCall> aggregates,
      List<Field> output)
      implements PlanNode {

    /** By all group columns together. */
    public Aggregate(
        PlanNode input, List<Integer> groupBy, List<AggregateCall> aggregates, List<Field> output) {
      this(input, groupBy, List.of(), aggregates, output);
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * An aggregate function over some input columns.
   *
   * @param argument input column; -1 for COUNT_STAR and GROUPING. Rows in which it is NULL are left
   *     out, for functions of pairs also those in which the other one is.
   * @param more further arguments: the x of a pair, the delimiter of STRING_AGG, the fraction of a
   *     percentile; the latter two only if they are no literals
   * @param distinct over the distinct values of the argument
   * @param filter BOOLEAN input column that must be TRUE, -1 = none
   * @param extra literal argument (STRING_AGG's delimiter); GROUPING's positions in {@code
   *     groupBy}, a list of Integer; a percentile's fraction, a Double; null = none
   * @param order in which it takes the rows of a group; none = any
   */
  record AggregateCall(
      AggregateFn fn,
      int argument,
      List<Integer> more,
      boolean distinct,
      int filter,
      @Nullable Object extra,
      List<SortKey> order,
      dev.sheaf.protocol.type.SqlType type) {

    /** Of at most one column, in any order. */
    public AggregateCall(
        AggregateFn fn,
        int argument,
        boolean distinct,
        int filter,
        @Nullable Object extra,
        dev.sheaf.protocol.type.SqlType type) {
      this(fn, argument, List.of(), distinct, filter, extra, List.of(), type);
    }

    /** All input columns that it takes: its arguments, then what it orders by. */
    public List<Integer> columns() {
      return Stream.of(
              argument < 0 ? Stream.<Integer>empty() : Stream.of(argument),
              more.stream(),
              order.stream().map(SortKey::column))
          .flatMap(s -> s)
          .toList();
    }
  }

  /**
   * Sorts by columns, then skips {@code offset} rows and puts out at most {@code fetch}. No keys:
   * only the limit.
   *
   * @param offset BIGINT expression without columns, null = 0 (negative or NULL: 2201X / 0)
   * @param fetch likewise, null = all (negative: 2201W)
   */
  record Sort(PlanNode input, List<SortKey> keys, @Nullable Expr offset, @Nullable Expr fetch)
      implements PlanNode {
    @Override
    public List<Field> output() {
      return input.output();
    }

    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  record SortKey(int column, boolean descending, boolean nullsFirst) {}

  /**
   * Sorts the input once and computes window functions over that order. Output: the input's
   * columns, then one per call, window by window; rows in any order.
   *
   * @param sort of different columns
   * @param limit which rows need not come out, null = all do; then there is one window
   */
  record Window(
      PlanNode input,
      List<SortKey> sort,
      List<WindowCalls> windows,
      @Nullable PartitionLimit limit,
      List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * A window and the functions over it.
   *
   * @param partitionKeys so many sort keys, from the first, are PARTITION BY
   * @param orderKeys so many after those are ORDER BY
   */
  record WindowCalls(int partitionKeys, int orderKeys, List<WindowCall> calls) {}

  /** A window function. */
  sealed interface WindowCall {
    WindowFrame frame();

    dev.sheaf.protocol.type.SqlType type();
  }

  /** An aggregate of the frame's rows; neither DISTINCT nor in an order of its own. */
  record AggregateOver(AggregateCall call, WindowFrame frame) implements WindowCall {
    @Override
    public dev.sheaf.protocol.type.SqlType type() {
      return call.type();
    }
  }

  /**
   * @param arguments input columns
   */
  record FunctionOver(
      WindowFn fn, List<Integer> arguments, WindowFrame frame, dev.sheaf.protocol.type.SqlType type)
      implements WindowCall {}

  /**
   * Rows of a partition that come after its first ones need not come out.
   *
   * @param count BIGINT expression without columns: how many the first ones are; NULL = none
   * @param withTies the last one's peers are among the first ones, too
   */
  record PartitionLimit(Expr count, boolean withTies) {}

  record UnionAll(List<PlanNode> inputs, List<Field> output) implements PlanNode {}

  /**
   * A recursive query: the first input's rows, then again and again those of the step, whose {@link
   * WorkingTable} of this id has the rows that were put out last, until there are none.
   *
   * @param all whether rows are put out that have been put out; else NULLs count as equal
   * @param name for people
   */
  record Recursive(
      int id, String name, boolean all, PlanNode first, PlanNode step, List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(first, step);
    }
  }

  /** The rows that the {@link Recursive} of this id has put out last. */
  record WorkingTable(int id, String name, List<Field> output) implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of();
    }
  }

  enum SetKind {
    INTERSECT,
    EXCEPT
  }

  /**
   * INTERSECT or EXCEPT of two inputs; NULLs count as equal; {@code all} keeps duplicates as SQL
   * says.
   */
  record SetOperation(SetKind kind, boolean all, PlanNode left, PlanNode right, List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(left, right);
    }
  }

  /**
   * Inserts the input's rows.
   *
   * @param input its columns are, in order, all columns of the table (defaults and casts applied by
   *     the planner)
   * @param conflict what to do with a row whose key exists; null = 23505
   * @param returning over the inserted (or updated) row's columns; empty = none, then the output is
   *     the count only
   * @param checks conditions over the table's columns with their names, all must not be FALSE
   */
  record Insert(
      TableDescriptor table,
      PlanNode input,
      @Nullable Conflict conflict,
      List<NamedCheck> checks,
      List<Expr> returning,
      List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * ON CONFLICT: DO NOTHING when {@code assignments} is null; else DO UPDATE.
   *
   * @param assignments the new value of every table column, over the existing row's columns
   *     followed by the proposed row's (EXCLUDED)
   * @param condition DO UPDATE ... WHERE over the same columns, null = none
   */
  record Conflict(@Nullable List<Expr> assignments, @Nullable Expr condition) {}

  record NamedCheck(String name, Expr condition) {}

  /**
   * Updates rows.
   *
   * @param input all columns of the old row in table order, then the encoded key, then the new
   *     value of each table column, in order
   */
  record Update(
      TableDescriptor table,
      PlanNode input,
      List<NamedCheck> checks,
      List<Expr> returning,
      List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }

  /**
   * Deletes rows.
   *
   * @param input all columns of the old row in table order, then the encoded key
   */
  record Delete(TableDescriptor table, PlanNode input, List<Expr> returning, List<Field> output)
      implements PlanNode {
    @Override
    public List<PlanNode> inputs() {
      return List.of(input);
    }
  }
}
