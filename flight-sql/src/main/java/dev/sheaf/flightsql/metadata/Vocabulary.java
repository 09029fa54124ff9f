package dev.sheaf.flightsql.metadata;

/** The dialect's words, which tools colour and complete. */
final class Vocabulary {
  /** Reserved or meaningful words that are not in SQL:2003's list. */
  static final String[] KEYWORDS =
      words(
          "ANALYZE ASC BEGIN BRANCH BYTEA COMMENT CONFLICT COPY DATABASE DATABASES DESC DISCARD"
              + " DO DUPLICATE EXPLAIN IF ILIKE INDEX ISOLATION KEY LIMIT NOTHING NULLS OFFSET"
              + " OWNER PREPARE RENAME REPLACE RESET RESTART RETURNING SAVEPOINT SCHEMA SERIALIZABLE"
              + " SHOW SNAPSHOT STDIN STDOUT SYSTEM_TIME TEMPORARY TEXT TIMESTAMPTZ TRUNCATE UUID"
              + " VACUUM VERBOSE VIEW WORK");

  static final String[] NUMERIC =
      words(
          "ABS ACOS ASIN ATAN ATAN2 CBRT CEIL CEILING COS COT DEGREES EXP FLOOR LN LOG10 MOD PI"
              + " POWER RADIANS RANDOM ROUND SIGN SIN SQRT TAN TRUNCATE");

  static final String[] STRING =
      words(
          "ASCII CHAR_LENGTH CHARACTER_LENGTH CHR CONCAT INITCAP LEFT LENGTH LOWER LPAD LTRIM MD5"
              + " OCTET_LENGTH POSITION REPEAT REPLACE REVERSE RIGHT RPAD RTRIM SPLIT_PART"
              + " STARTS_WITH SUBSTRING TRIM UPPER");

  static final String[] SYSTEM =
      words(
          "COALESCE CURRENT_DATABASE CURRENT_SCHEMA CURRENT_USER GEN_RANDOM_UUID GREATEST LEAST"
              + " NULLIF VERSION");

  static final String[] DATETIME =
      words("CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATE_TRUNC EXTRACT LOCALTIMESTAMP NOW");

  private Vocabulary() {}

  private static String[] words(String text) {
    return text.split(" ");
  }
}
