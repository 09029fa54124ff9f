package dev.sheaf.systemtests.differential;

import java.util.List;
import java.util.Random;

/**
 * Types between which the generator draws no line: within a family any value may replace another.
 */
enum Family {
  WHOLE("INTEGER", "SMALLINT", "INTEGER", "BIGINT"),
  DECIMAL("DECIMAL(9,2)", "DECIMAL(9,2)", "DECIMAL(20,4)", "DECIMAL(30,6)"),
  DOUBLE("DOUBLE PRECISION", "DOUBLE PRECISION"),
  TEXT("VARCHAR", "VARCHAR", "VARCHAR(40)"),
  DATE("DATE", "DATE"),
  TIMESTAMP("TIMESTAMP", "TIMESTAMP"),
  BOOLEAN("BOOLEAN", "BOOLEAN");

  private static final String[] WORDS = {
    "",
    "a",
    "b",
    "ab",
    "abc",
    "Abc",
    "B",
    "é",
    "a_b",
    "10%",
    "zz top",
    " a ",
    "a long piece of text €"
  };
  private static final String[] DATES = {
    "2023-12-31", "2024-01-01", "2024-01-31", "2024-02-29", "2024-03-01", "1969-12-31", "2000-06-15"
  };
  private static final String[] TIMES = {
    "00:00:00", "23:59:59.999999", "12:30:00", "07:05:09.5", "00:00:00.000001"
  };

  /** The type for casts. */
  final String sql;

  private final List<String> columns;

  Family(String sql, String... columns) {
    this.sql = sql;
    this.columns = List.of(columns);
  }

  boolean isNumber() {
    return this == WHOLE || this == DECIMAL || this == DOUBLE;
  }

  static Family any(Random random) {
    return values()[random.nextInt(values().length)];
  }

  String columnType(Random random) {
    return columns.get(random.nextInt(columns.size()));
  }

  /** From so few values that columns have duplicates and predicates match. */
  String literal(Random random) {
    return switch (this) {
      case WHOLE -> signed(random, "" + random.nextInt(random.nextInt(8) == 0 ? 1000 : 9));
      case DECIMAL ->
          signed(random, "%d.%02d".formatted(random.nextInt(12), random.nextInt(4) * 25 % 99));
      // Multiples of 1/4: their sums and products are exact in any order.
      case DOUBLE -> signed(random, random.nextInt(20) / 4.0 + "e0");
      case TEXT -> "'" + WORDS[random.nextInt(WORDS.length)] + "'";
      case DATE -> "DATE '" + DATES[random.nextInt(DATES.length)] + "'";
      case TIMESTAMP ->
          "TIMESTAMP '%s %s'"
              .formatted(DATES[random.nextInt(DATES.length)], TIMES[random.nextInt(TIMES.length)]);
      case BOOLEAN -> random.nextBoolean() ? "TRUE" : "FALSE";
    };
  }

  private static String signed(Random random, String number) {
    return random.nextInt(4) == 0 ? "(-" + number + ")" : number;
  }
}
