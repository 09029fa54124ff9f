package dev.sheaf.systemtests.slt;

import java.util.List;

/** One step of a file. */
sealed interface SltRecord {
  /** Of its first line, from 1. */
  int line();

  /** The engines that take part. */
  Conditions conditions();

  /**
   * @param only names after onlyif; none = all engines
   * @param skipped names after skipif
   */
  record Conditions(List<String> only, List<String> skipped) {
    static final Conditions NONE = new Conditions(List.of(), List.of());

    boolean hold(String engine) {
      return !skipped.contains(engine) && (only.isEmpty() || only.contains(engine));
    }
  }

  /** What a statement should do. */
  enum Outcome {
    OK,
    ERROR,
    /** OK or error, as it likes. */
    ANY
  }

  /**
   * @param pattern regular expression, to be found in {@code SQLSTATE: message}; "" = any error
   * @param count of rows that it should change; -1 = any
   */
  record Statement(
      String sql, Outcome outcome, String pattern, long count, int line, Conditions conditions)
      implements SltRecord {}

  enum SortMode {
    NOSORT,
    ROWSORT,
    VALUESORT
  }

  /**
   * @param types a letter for each column: T text, I integers, R other numbers, B truth, ? any
   * @param label queries with equal labels have equal results; "" = none
   * @param expected lines of the result; null = any
   * @param resultLine of the first line after ----
   */
  record Query(
      String sql,
      String types,
      SortMode sort,
      String label,
      List<String> expected,
      int resultLine,
      int line,
      Conditions conditions)
      implements SltRecord {}

  /** The rest is not run. */
  record Halt(int line, Conditions conditions) implements SltRecord {}

  /** Results of more values are expected, and written, as a hash; 0 = never. */
  record HashThreshold(int values, int line, Conditions conditions) implements SltRecord {}

  /**
   * Something that only other engines or runners know; the rest of the file is skipped.
   *
   * @param what as written
   */
  record Unknown(String what, int line, Conditions conditions) implements SltRecord {}
}
