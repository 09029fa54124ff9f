package dev.sheaf.columnar.expression;

/**
 * Functions of a row and its place among others of its partition; {@link AggregateFn}s can be used
 * so, too. Those from FIRST_VALUE on look at the row's frame, the others at the whole partition.
 */
public enum WindowFn {
  ROW_NUMBER,
  RANK,
  DENSE_RANK,
  /** (rank - 1) / (rows - 1), 0 for a single row. */
  PERCENT_RANK,
  /** The share of rows that do not sort after this one. */
  CUME_DIST,
  /** NTILE(INTEGER buckets), INTEGER; not positive is 22014, NULL gives NULL. */
  NTILE,
  /** LAG(x [, INTEGER rows [, x default]]); NULL rows give NULL. */
  LAG,
  LEAD,
  FIRST_VALUE,
  LAST_VALUE,
  /** NTH_VALUE(x, INTEGER n), from 1; not positive is 22016, NULL gives NULL. */
  NTH_VALUE
}
