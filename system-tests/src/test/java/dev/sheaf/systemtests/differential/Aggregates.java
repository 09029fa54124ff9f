package dev.sheaf.systemtests.differential;

import dev.sheaf.systemtests.differential.Relations.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Random aggregates and grouped queries. */
final class Aggregates {
  private static final Pattern COLUMN = Pattern.compile("r[0-9]+\\.");

  private final Random random;

  Aggregates(Random random) {
    this.random = random;
  }

  /** A call whose value is exact. */
  String call(Family family, List<Column> columns) {
    // DuckDB cuts digits where a sum, of 38 digits, meets a decimal of greater scale.
    String call = call(family, columns, random.nextInt(5) == 0 ? "DISTINCT " : "");
    return family == Family.DECIMAL ? "CAST(" + call + " AS DECIMAL(30,6))" : call;
  }

  /** The same without DISTINCT or anything around it, for a window. */
  String plainCall(Family family, List<Column> columns) {
    return call(family, columns, "");
  }

  private String call(Family family, List<Column> columns, String distinct) {
    var of = new Expressions(random, columns, Expressions.Subqueries.NONE);
    String call =
        switch (family) {
          case WHOLE ->
              switch (random.nextInt(7)) {
                case 0 -> "COUNT(*)";
                case 3 -> bits() + "(" + of.of(family, 1) + ")";
                case 4 -> "REGR_COUNT(" + of.of(family, 1) + ", " + of.of(family, 1) + ")";
                case 1 -> "COUNT(" + distinct + of.of(Family.any(random), 1) + ")";
                case 2 -> "SUM(" + distinct + of.of(family, 1) + ")";
                default -> extreme() + "(" + of.of(family, 1) + ")";
              };
          case DECIMAL, DOUBLE ->
              (random.nextBoolean() ? "SUM(" + distinct : extreme() + "(") + of.of(family, 1) + ")";
          case BOOLEAN ->
              (random.nextBoolean() ? "BOOL_AND" : "BOOL_OR") + "(" + of.predicate(1) + ")";
          case TEXT -> {
            String text = of.of(family, 1);
            yield random.nextInt(3) == 0
                ? "STRING_AGG(" + distinct + text + ", ',' ORDER BY " + text + " DESC)"
                : extreme() + "(" + text + ")";
          }
          case DATE, TIMESTAMP ->
              random.nextInt(4) == 0
                  ? "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY " + of.of(family, 1) + ")"
                  : extreme() + "(" + of.of(family, 1) + ")";
        };
    if (random.nextInt(6) == 0) {
      call += " FILTER (WHERE " + of.predicate(1) + ")";
    }
    return call;
  }

  private String bits() {
    return List.of("BIT_AND", "BIT_OR", "BIT_XOR").get(random.nextInt(3));
  }

  private String extreme() {
    return random.nextBoolean() ? "MIN" : "MAX";
  }

  /** Items over keys and aggregates; the keys are columns and expressions. */
  String grouped(List<Family> families, Relation from, String where, Expressions.Subqueries inner) {
    List<Column> keys = keys(from);
    Stream<Column> calls = families.stream().map(f -> new Column(call(f, from.columns()), f));
    List<Column> scope = new ArrayList<>(Stream.concat(keys.stream(), calls).toList());
    boolean sets = random.nextInt(3) == 0;
    if (sets && !keys.isEmpty()) {
      scope.add(new Column("GROUPING(" + listed(keys) + ")", Family.WHOLE));
    }
    var of = new Expressions(random, scope, inner);
    String items = families.stream().map(f -> of.of(f, 1)).collect(Collectors.joining(", "));
    String having = random.nextInt(3) == 0 ? " HAVING " + of.predicate(2) : "";
    return "SELECT "
        + items
        + " FROM "
        + from.sql()
        + where
        + (sets ? bySets(keys) : by(keys))
        + having;
  }

  /** Averages and deviations, which the two round differently: nothing may depend on them. */
  String approximate(Relation from, Expressions.Subqueries inner) {
    List<Column> keys = keys(from);
    var of = new Expressions(random, from.columns(), Expressions.Subqueries.NONE);
    List<String> items = new ArrayList<>(keys.stream().map(Column::sql).toList());
    Family[] numbers = {Family.WHOLE, Family.DECIMAL, Family.DOUBLE};
    String[] functions = {"AVG", "AVG", "AVG", "STDDEV_SAMP", "STDDEV_POP", "VAR_SAMP", "VAR_POP"};
    for (int i = 0; i < 2; i++) {
      String function = functions[random.nextInt(functions.length)];
      String number = of.of(numbers[random.nextInt(3)], 1);
      items.add(
          switch (random.nextInt(4)) {
            case 0 ->
                "PERCENTILE_CONT(0.3) WITHIN GROUP (ORDER BY CAST("
                    + number
                    + " AS DOUBLE PRECISION))";
            case 1 -> "COVAR_POP(" + number + ", " + of.of(Family.DOUBLE, 1) + ")";
            default -> function + "(" + number + ")";
          });
    }
    String where = new Expressions(random, from.columns(), inner).predicate(2);
    return "SELECT "
        + String.join(", ", items)
        + " FROM "
        + from.sql()
        + " WHERE "
        + where
        + by(keys);
  }

  private static String by(List<Column> keys) {
    return keys.isEmpty() ? "" : " GROUP BY " + listed(keys);
  }

  private static String listed(List<Column> keys) {
    return keys.stream().map(Column::sql).collect(Collectors.joining(", "));
  }

  private String bySets(List<Column> keys) {
    if (keys.isEmpty()) {
      return " GROUP BY ()";
    }
    String all = listed(keys);
    String rest = listed(keys.subList(1, keys.size()));
    return " GROUP BY "
        + switch (random.nextInt(4)) {
          case 0 -> "ROLLUP (" + all + ")";
          case 1 -> "CUBE (" + all + ")";
          case 2 -> keys.getFirst().sql() + (rest.isEmpty() ? ", ()" : ", ROLLUP (" + rest + ")");
          default ->
              "GROUPING SETS (("
                  + all
                  + "), ("
                  + keys.getLast().sql()
                  + "), ()"
                  + (rest.isEmpty() ? "" : ", (" + rest + ")")
                  + ")";
        };
  }

  private List<Column> keys(Relation from) {
    List<Column> keys = new ArrayList<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Column column = from.columns().get(random.nextInt(from.columns().size()));
      Family family = Family.any(random);
      String expression =
          new Expressions(random, from.columns(), Expressions.Subqueries.NONE).of(family, 1);
      boolean computed = random.nextInt(3) == 0 && COLUMN.matcher(expression).find();
      keys.add(computed ? new Column(expression, family) : column);
    }
    return keys;
  }
}
