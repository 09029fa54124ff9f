package dev.sheaf.columnar.expression;

/**
 * The scalar functions of the engine. Unless said otherwise a function is strict (NULL in, NULL
 * out) and both arguments of a binary function have the same {@code SqlType.Kind}; errors arise
 * only for rows that are live.
 *
 * <p>Text is UTF-8; comparison of text and bytea is by unsigned bytes. Doubles order as in
 * PostgreSQL: NaN equals NaN and is greater than all else; -0 equals 0. Integer overflow is 22003,
 * division by zero 22012.
 */
public enum Fn {
  // Three-valued logic; AND, OR take 2..n arguments, evaluated left to right with the rows still
  // undecided.
  AND,
  OR,
  NOT,
  IS_NULL,
  IS_NOT_NULL,
  IS_TRUE,
  IS_NOT_TRUE,
  IS_FALSE,
  IS_NOT_FALSE,
  // Comparison: any one type on both sides; DECIMALs with the same scale.
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  /** Never NULL: two NULLs are not distinct. */
  IS_DISTINCT_FROM,
  IS_NOT_DISTINCT_FROM,
  /** IN(x, literal...) with SQL's NULL rules. */
  IN,
  // Arithmetic on equal kinds. DECIMAL: result type given by type(); + - need equal scales of
  // arguments and
  // result, * has scale = sum of scales (the planner casts afterwards if needed), / and % rescale
  // internally.
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  MODULO,
  NEGATE,
  ABS,
  SIGN,
  CEIL,
  FLOOR,
  /** ROUND(x [, INTEGER digits]) half away from zero; TRUNCATE likewise. */
  ROUND,
  TRUNCATE,
  SQRT,
  EXP,
  LN,
  LOG10,
  POWER,
  SIN,
  COS,
  TAN,
  ASIN,
  ACOS,
  ATAN,
  ATAN2,
  COT,
  DEGREES,
  RADIANS,
  CBRT,
  PI,
  RANDOM,
  // Conditional, not strict: evaluated only for the rows that reach them.
  /** CASE(when1, then1, ..., else). */
  CASE,
  COALESCE,
  NULLIF,
  GREATEST,
  LEAST,
  /**
   * CAST(x) to type(): PostgreSQL's rules and errors (22P02, 22003, 22007, 22008). An explicit cast
   * to VARCHAR(n) or CHAR(n) truncates.
   */
  CAST,
  /**
   * The cast that a store into a column implies: as CAST, but text too long for VARCHAR(n) or
   * CHAR(n) is 22001 unless the excess is spaces.
   */
  ASSIGN_CAST,
  // Text
  CONCAT,
  /** CHAR_LENGTH in characters. */
  CHAR_LENGTH,
  OCTET_LENGTH,
  UPPER,
  LOWER,
  INITCAP,
  /** SUBSTRING(text, INTEGER from1 [, INTEGER length]); negative length 22011. */
  SUBSTRING,
  LEFT,
  RIGHT,
  /** TRIM_BOTH(text, characters) etc. */
  TRIM_BOTH,
  TRIM_LEADING,
  TRIM_TRAILING,
  LPAD,
  RPAD,
  /** POSITION(needle, haystack), 1-based, 0 = absent. */
  POSITION,
  REPLACE,
  REVERSE,
  REPEAT,
  STARTS_WITH,
  ASCII,
  CHR,
  /** SPLIT_PART(text, delimiter, INTEGER n). */
  SPLIT_PART,
  MD5,
  /** LIKE(text, pattern, escape text); ILIKE without case. */
  LIKE,
  ILIKE,
  // Date and time. Field names arrive as a VARCHAR literal in upper case: YEAR MONTH DAY HOUR
  // MINUTE SECOND
  // QUARTER WEEK DOW DOY EPOCH MILLISECOND MICROSECOND DECADE CENTURY MILLENNIUM ISODOW ISOYEAR.
  /** EXTRACT(field, x) to BIGINT (SECOND of the whole second; EPOCH whole seconds). */
  EXTRACT,
  /** DATE_TRUNC(field, x), type of x. */
  DATE_TRUNC,
  /**
   * DATE + INTERVAL etc.: ADD_INTERVAL(DATE|TIME|TIMESTAMP|TIMESTAMPTZ x, INTERVAL_*), type() the
   * result.
   */
  ADD_INTERVAL,
  SUBTRACT_INTERVAL,
  /** Difference of two TIMESTAMPs, TIMESTAMPTZs (INTERVAL_DAY_TIME) or DATEs (INTEGER days). */
  DATETIME_DIFFERENCE,
  /** DATE + INTEGER days. */
  ADD_DAYS,
  /** INTERVAL * INTEGER|DOUBLE. */
  MULTIPLY_INTERVAL,
  // Statement context, constant during a statement.
  CURRENT_DATE,
  CURRENT_TIMESTAMP,
  LOCALTIMESTAMP,
  CURRENT_TIME,
  GEN_RANDOM_UUID,
  VERSION,
  CURRENT_DATABASE,
  CURRENT_SCHEMA,
  CURRENT_USER,
  /** SHEAF_TRANSACTION_STATUS(VARCHAR id): committed, aborted, in progress or unknown. */
  TRANSACTION_STATUS
}
