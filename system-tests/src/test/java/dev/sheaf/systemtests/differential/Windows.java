package dev.sheaf.systemtests.differential;

import dev.sheaf.systemtests.differential.Relations.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Random window functions. Whatever depends on the order of single rows has an order that leaves
 * none of them open: the ids of all tables come last in it.
 */
final class Windows {
  private final Random random;
  private final Aggregates aggregates;

  Windows(Random random, Aggregates aggregates) {
    this.random = random;
    this.aggregates = aggregates;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  /**
   * @param from base tables and joins of them
   * @param where may be empty
   */
  String query(Relation from, String where) {
    return switch (random.nextInt(5)) {
      case 0 -> first(from, where);
      case 1 -> grouped(from, where);
      default -> plain(from, where);
    };
  }

  private static String ids(Relation from) {
    return from.columns().stream()
        .map(Column::sql)
        .filter(c -> c.endsWith(".id"))
        .collect(Collectors.joining(", "));
  }

  private String plain(Relation from, String where) {
    List<String> items = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      items.add(item(from));
    }
    if (!chance(4)) {
      return "SELECT %s, %s FROM %s%s"
          .formatted(ids(from), String.join(", ", items), from.sql(), where);
    }
    String window = "(" + partition(from) + order(from, true) + ")";
    return "SELECT %s, %s, SUM(%s) OVER w, LAG(%s) OVER w FROM %s%s WINDOW w AS %s"
        .formatted(
            ids(from),
            String.join(", ", items),
            of(from, Family.WHOLE),
            of(from, Family.TEXT),
            from.sql(),
            where,
            window);
  }

  /** The first rows of each partition; with ties these are whole groups of peers. */
  private String first(Relation from, String where) {
    boolean number = random.nextBoolean();
    String window = "(" + partition(from) + order(from, number || chance(2)) + ")";
    String function = number ? "ROW_NUMBER()" : pick("RANK()", "RANK()", "DENSE_RANK()");
    String others =
        switch (random.nextInt(4)) {
          case 0 -> ", COUNT(*) OVER w AS c";
          case 1 -> ", " + item(from) + " AS c";
          default -> "";
        };
    String bound = pick("n <= 2", "n < 3", "n = 1", "3 >= n", "n BETWEEN 2 AND 3", "n > 1");
    List<Column> some = from.columns().subList(0, Math.min(3, from.columns().size()));
    String columns =
        some.stream()
            .map(c -> c.sql() + " AS " + c.sql().replace('.', '_'))
            .collect(Collectors.joining(", "));
    return "SELECT * FROM (SELECT %s, %s OVER w AS n%s FROM %s%s WINDOW w AS %s) AS q WHERE %s"
        .formatted(columns, function, others, from.sql(), where, window, bound);
  }

  private String grouped(Relation from, String where) {
    Column key = from.columns().get(random.nextInt(from.columns().size()));
    String sum = aggregates.call(Family.WHOLE, from.columns());
    String order =
        "ORDER BY " + (chance(2) ? sum + direction() + ", " : "") + key.sql() + direction();
    String function =
        pick("SUM(" + sum + ")", "RANK()", "LAG(" + sum + ")", "MAX(" + sum + ")", "ROW_NUMBER()");
    String frame = function.startsWith("SUM") || function.startsWith("MAX") ? rows() : "";
    return "SELECT %s, %s, %s OVER (%s%s), COUNT(*) OVER () FROM %s%s GROUP BY %s"
        .formatted(key.sql(), sum, function, order, frame, from.sql(), where, key.sql());
  }

  private String item(Relation from) {
    return switch (random.nextInt(7)) {
      case 0 ->
          pick("RANK()", "DENSE_RANK()", "PERCENT_RANK()", "CUME_DIST()")
              + over(from, order(from, false), "");
      case 1 ->
          pick("ROW_NUMBER()", "NTILE(3)", "NTILE(" + (1 + random.nextInt(50)) + ")")
              + over(from, order(from, true), "");
      case 2 -> shifted(from) + over(from, order(from, true), "");
      case 3 -> {
        String function = pick("FIRST_VALUE(%s)", "LAST_VALUE(%s)", "NTH_VALUE(%s, 2)");
        String value = of(from, Family.any(random));
        yield function.formatted(value) + over(from, order(from, true), rows());
      }
      case 4 -> ranged(from);
      case 5 ->
          "STRING_AGG(" + of(from, Family.TEXT) + ", '-')" + over(from, order(from, true), rows());
      default ->
          aggregates.plainCall(Family.any(random), from.columns())
              + over(from, order(from, true), chance(4) ? "" : rows());
    };
  }

  private String shifted(Relation from) {
    Family family = Family.any(random);
    String value = of(from, family);
    String arguments =
        switch (random.nextInt(3)) {
          case 0 -> value;
          case 1 -> value + ", " + (random.nextInt(6) - 1);
          default -> value + ", " + random.nextInt(4) + ", CAST(NULL AS " + family.sql + ")";
        };
    return pick("LAG(", "LEAD(") + arguments + ")";
  }

  /** An aggregate that depends on no order of peers. */
  private String ranged(Relation from) {
    Family[] keys = {Family.WHOLE, Family.DOUBLE, Family.DATE, Family.TIMESTAMP};
    Family key = keys[random.nextInt(keys.length)];
    List<Column> fitting = from.columns().stream().filter(c -> c.family() == key).toList();
    String order =
        fitting.isEmpty()
            ? order(from, false)
            : " ORDER BY " + fitting.get(random.nextInt(fitting.size())).sql() + direction();
    String frame = fitting.isEmpty() ? "" : frame("RANGE", distance(key), distance(key));
    return aggregates.plainCall(Family.any(random), from.columns()) + over(from, order, frame);
  }

  private String distance(Family key) {
    return switch (key) {
      case DATE -> pick("INTERVAL '1' DAY", "INTERVAL '1' MONTH", "INTERVAL '30' DAY");
      case TIMESTAMP -> pick("INTERVAL '1' HOUR", "INTERVAL '1' YEAR", "INTERVAL '7' MINUTE");
      default -> pick("0", "1", "2", "5");
    };
  }

  private String over(Relation from, String order, String frame) {
    return " OVER (" + partition(from) + order + (order.isEmpty() ? "" : frame) + ")";
  }

  private String partition(Relation from) {
    return chance(3)
        ? ""
        : "PARTITION BY "
            + of(from, Family.any(random))
            + (chance(3) ? ", " + of(from, Family.any(random)) : "");
  }

  /**
   * @param total ends with all ids
   */
  private String order(Relation from, boolean total) {
    List<String> keys = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      keys.add(of(from, Family.any(random)) + direction());
    }
    if (total) {
      keys.add(ids(from));
    }
    return keys.isEmpty() ? "" : " ORDER BY " + String.join(", ", keys);
  }

  private String direction() {
    return pick("", "", " DESC", " ASC NULLS FIRST", " DESC NULLS LAST");
  }

  private String rows() {
    return frame(pick("ROWS", "ROWS", "GROUPS"), "" + random.nextInt(4), "" + random.nextInt(4));
  }

  private String frame(String unit, String before, String after) {
    String between =
        switch (random.nextInt(8)) {
          case 0 -> "UNBOUNDED PRECEDING AND CURRENT ROW";
          case 1 -> "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING";
          case 2 -> before + " PRECEDING AND CURRENT ROW";
          case 3 -> "CURRENT ROW AND " + after + " FOLLOWING";
          case 4 -> "CURRENT ROW AND UNBOUNDED FOLLOWING";
          case 5 -> "UNBOUNDED PRECEDING AND " + after + " FOLLOWING";
          default -> before + " PRECEDING AND " + after + " FOLLOWING";
        };
    return " "
        + unit
        + " BETWEEN "
        + between
        + pick("", "", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES");
  }

  private String of(Relation from, Family family) {
    return new Expressions(random, from.columns(), Expressions.Subqueries.NONE).of(family, 1);
  }
}
