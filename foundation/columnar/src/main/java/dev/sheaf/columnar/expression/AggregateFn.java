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
  /** Of whole numbers; the result has the argument's type. */
  BIT_AND,
  BIT_OR,
  BIT_XOR,
  /**
   * STRING_AGG(text, delimiter): a row's delimiter stands before its text, unless that is the
   * first. The delimiter is a literal or a second argument, in which NULL counts as empty.
   */
  STRING_AGG,
  /** The first one. */
  ANY_VALUE,
  /** BIGINT: how many distinct values there are, about 2 percent off beyond a few hundred. */
  APPROX_COUNT_DISTINCT,
  // Of pairs (y, x) of DOUBLE without NULL; REGR_COUNT is BIGINT, the others are DOUBLE.
  CORR,
  COVAR_POP,
  COVAR_SAMP,
  REGR_AVGX,
  REGR_AVGY,
  REGR_COUNT,
  REGR_INTERCEPT,
  REGR_R2,
  REGR_SLOPE,
  REGR_SXX,
  REGR_SXY,
  REGR_SYY,
  // Of sorted values; the fraction is a literal or a second argument.
  /** DOUBLE or INTERVAL: between the two values that are nearest the fraction. */
  PERCENTILE_CONT,
  /** The first value that so large a fraction of all values is not after. */
  PERCENTILE_DISC,
  /** The most frequent value, the first one of several. */
  MODE,
  /** The one value of the group; more than one row is 21000 (scalar subqueries). */
  SINGLE_VALUE,
  /**
   * GROUPING: an INTEGER with a bit for each of some group columns, the last one's lowest, that is
   * set in rows whose grouping set lacks the column.
   */
  GROUPING;

  /** Whether it is of pairs of numbers. */
  public boolean isOfPairs() {
    return compareTo(CORR) >= 0 && compareTo(REGR_SYY) <= 0;
  }

  /** Whether its values are sorted by what WITHIN GROUP says. */
  public boolean isOrderedSet() {
    return this == PERCENTILE_CONT || this == PERCENTILE_DISC || this == MODE;
  }
}
