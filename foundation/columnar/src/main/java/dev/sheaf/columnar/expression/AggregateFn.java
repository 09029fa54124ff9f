package dev.sheaf.columnar.expression;

/**
 * Aggregate functions. All ignore NULLs except COUNT_STAR; over no rows all but the counts give
 * NULL.
 */
public enum AggregateFn {
  COUNT_STAR,
  COUNT,
  /**
   * SMALLINT, INTEGER and BIGINT to BIGINT... result type as the plan says: BIGINT, DECIMAL(38,s),
   * DOUBLE.
   */
  SUM,
  /** Result DECIMAL or DOUBLE as the plan says. */
  AVG,
  MIN,
  MAX,
  BOOL_AND,
  BOOL_OR,
  STDDEV_POP,
  STDDEV_SAMP,
  VAR_POP,
  VAR_SAMP,
  /** STRING_AGG(text, delimiter literal), in input order. */
  STRING_AGG,
  ANY_VALUE,
  /** The one value of the group; more than one row is 21000 (scalar subqueries). */
  SINGLE_VALUE,
  /**
   * GROUPING: an INTEGER with a bit for each of some group columns, the last one's lowest, that is
   * set in rows whose grouping set lacks the column.
   */
  GROUPING
}
