package dev.sheaf.systemtests.differential;

import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random expressions over columns in scope, of functions that mean the same in Sheaf and DuckDB.
 * {@link #INTEGER_DIVISION} stands for the operator that the two spell differently.
 */
final class Expressions {
  static final String INTEGER_DIVISION = "§";

  private static final String[] COMPARISONS = {"=", "=", "<>", "<", "<=", ">", ">="};

  private final Random random;
  private final List<Column> scope;
  private final Subqueries subqueries;

  /** Makes queries for use in expressions; each answers null where none may stand. */
  interface Subqueries {
    Subqueries NONE =
        new Subqueries() {
          @Override
          public String scalar(Family family, List<Column> scope) {
            return null;
          }

          @Override
          public String column(Family family, List<Column> scope) {
            return null;
          }
        };

    /** A query of at most one row. */
    String scalar(Family family, List<Column> scope);

    /** A query of one column. */
    String column(Family family, List<Column> scope);
  }

  Expressions(Random random, List<Column> scope, Subqueries subqueries) {
    this.random = random;
    this.scope = scope;
    this.subqueries = subqueries;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  /** A value of the family. */
  String of(Family family, int depth) {
    if (depth <= 0 || chance(4)) {
      return leaf(family);
    }
    if (chance(5)) {
      return general(family, depth - 1);
    }
    if (chance(12)) {
      String query = subqueries.scalar(family, scope);
      if (query != null) {
        return "(" + query + ")";
      }
    }
    return switch (family) {
      case WHOLE -> whole(depth - 1);
      case DECIMAL -> decimal(depth - 1);
      case DOUBLE -> real(depth - 1);
      case TEXT -> text(depth - 1);
      case DATE -> date(depth - 1);
      case TIMESTAMP -> timestamp(depth - 1);
      case BOOLEAN -> predicate(depth);
    };
  }

  private String leaf(Family family) {
    List<Column> fitting = scope.stream().filter(c -> c.family() == family).toList();
    if (!fitting.isEmpty() && !chance(5)) {
      return fitting.get(random.nextInt(fitting.size())).sql();
    }
    return chance(12) ? "CAST(NULL AS " + family.sql + ")" : family.literal(random);
  }

  /** Forms that exist for every family. */
  private String general(Family family, int depth) {
    return switch (random.nextInt(7)) {
      case 0 -> "COALESCE(" + list(2 + random.nextInt(2), i -> of(family, depth)) + ")";
      case 1 -> "NULLIF(" + of(family, depth) + ", " + of(family, depth) + ")";
      case 2 -> "GREATEST(" + list(2, i -> of(family, depth)) + ")";
      case 3 -> "LEAST(" + list(2, i -> of(family, depth)) + ")";
      case 4 ->
          "CASE WHEN %s THEN %s ELSE %s END"
              .formatted(predicate(depth), of(family, depth), of(family, depth));
      case 5 ->
          "CASE WHEN %s THEN %s WHEN %s THEN %s END"
              .formatted(predicate(depth), of(family, depth), predicate(depth), of(family, depth));
      default -> {
        Family by = Family.any(random);
        yield "CASE %s WHEN %s THEN %s WHEN %s THEN %s ELSE %s END"
            .formatted(
                of(by, depth),
                by.literal(random),
                of(family, depth),
                of(by, 0),
                of(family, depth),
                of(family, depth));
      }
    };
  }

  private String list(int size, IntFunction<String> item) {
    return IntStream.range(0, size).mapToObj(item).collect(Collectors.joining(", "));
  }

  private String whole(int depth) {
    return switch (random.nextInt(14)) {
      case 0, 1 -> "(" + of(Family.WHOLE, depth) + " + " + of(Family.WHOLE, depth) + ")";
      case 2 -> "(" + of(Family.WHOLE, depth) + " - " + of(Family.WHOLE, depth) + ")";
      case 3 -> "(" + leaf(Family.WHOLE) + " * " + of(Family.WHOLE, depth) + ")";
      case 4 -> "(-" + of(Family.WHOLE, depth) + ")";
      case 5 ->
          "(%s %s NULLIF(%s, 0))"
              .formatted(
                  of(Family.WHOLE, depth), pick(INTEGER_DIVISION, "%"), of(Family.WHOLE, depth));
      case 6 -> "ABS(" + of(Family.WHOLE, depth) + ")";
      case 7 -> "LENGTH(" + of(Family.TEXT, depth) + ")";
      case 8 ->
          "EXTRACT(%s FROM %s)"
              .formatted(
                  pick("YEAR", "MONTH", "DAY", "QUARTER", "DOW", "DOY", "WEEK", "ISODOW"),
                  of(random.nextBoolean() ? Family.DATE : Family.TIMESTAMP, depth));
      case 9 ->
          "EXTRACT(%s FROM %s)".formatted(pick("HOUR", "MINUTE"), of(Family.TIMESTAMP, depth));
      case 10 -> "CAST(" + of(Family.BOOLEAN, depth) + " AS INTEGER)";
      case 11 -> "CAST(" + of(Family.DECIMAL, depth) + " AS BIGINT)";
      case 12 -> "(" + of(Family.DATE, depth) + " - " + of(Family.DATE, depth) + ")";
      default ->
          "POSITION(%s IN %s)".formatted(pick("'a'", "'b'", "'t'", "'é'"), of(Family.TEXT, depth));
    };
  }

  private String decimal(int depth) {
    return switch (random.nextInt(8)) {
      case 0 -> "(" + of(Family.DECIMAL, depth) + " + " + of(Family.DECIMAL, depth) + ")";
      case 1 -> "(" + of(Family.DECIMAL, depth) + " - " + of(Family.DECIMAL, depth) + ")";
      case 2 -> "(" + leaf(Family.DECIMAL) + " * " + Family.DECIMAL.literal(random) + ")";
      case 3 -> "(" + leaf(Family.DECIMAL) + " + " + leaf(Family.WHOLE) + ")";
      case 4 -> "ABS(" + of(Family.DECIMAL, depth) + ")";
      case 5 -> "CAST(" + of(Family.WHOLE, depth) + " AS DECIMAL(18,2))";
      case 6 -> "ROUND(" + of(Family.DECIMAL, depth) + ", " + random.nextInt(3) + ")";
      default -> "(-" + of(Family.DECIMAL, depth) + ")";
    };
  }

  private String real(int depth) {
    return switch (random.nextInt(6)) {
      case 0 -> "(" + of(Family.DOUBLE, depth) + " + " + of(Family.DOUBLE, depth) + ")";
      case 1 -> "(" + of(Family.DOUBLE, depth) + " - " + of(Family.DOUBLE, depth) + ")";
      case 2 -> "(" + leaf(Family.DOUBLE) + " * " + leaf(Family.DOUBLE) + ")";
      case 3 -> "CAST(" + of(Family.WHOLE, depth) + " AS DOUBLE PRECISION)";
      case 4 -> pick("FLOOR", "CEIL", "ABS") + "(" + of(Family.DOUBLE, depth) + ")";
      default -> "(" + of(Family.DOUBLE, depth) + " + " + of(Family.WHOLE, depth) + ")";
    };
  }

  private String text(int depth) {
    return switch (random.nextInt(10)) {
      case 0 -> "(" + of(Family.TEXT, depth) + " || " + of(Family.TEXT, depth) + ")";
      case 1 -> pick("UPPER", "LOWER", "REVERSE", "TRIM") + "(" + of(Family.TEXT, depth) + ")";
      case 2 ->
          "SUBSTRING(%s FROM %d FOR %d)"
              .formatted(of(Family.TEXT, depth), 1 + random.nextInt(4), random.nextInt(4));
      case 3 -> "REPLACE(" + of(Family.TEXT, depth) + ", 'a', " + leaf(Family.TEXT) + ")";
      case 4 -> "CAST(" + of(Family.WHOLE, depth) + " AS VARCHAR)";
      case 5 ->
          "%s(%s, %d)".formatted(pick("LEFT", "RIGHT"), of(Family.TEXT, depth), random.nextInt(4));
      case 6 -> "LPAD(" + of(Family.TEXT, depth) + ", " + (1 + random.nextInt(6)) + ", 'xy')";
      case 7 -> "CONCAT(" + of(Family.TEXT, depth) + ", " + of(Family.TEXT, depth) + ")";
      case 8 -> "CAST(" + of(Family.DATE, depth) + " AS VARCHAR)";
      default -> "CAST(" + of(Family.BOOLEAN, depth) + " AS VARCHAR)";
    };
  }

  private String date(int depth) {
    return switch (random.nextInt(3)) {
      case 0 -> "(%s %s %d)".formatted(of(Family.DATE, depth), pick("+", "-"), random.nextInt(40));
      case 1 -> "CAST(" + of(Family.TIMESTAMP, depth) + " AS DATE)";
      default ->
          "CAST(%s %s INTERVAL '%d' %s AS DATE)"
              .formatted(
                  of(Family.DATE, depth),
                  pick("+", "-"),
                  1 + random.nextInt(13),
                  pick("DAY", "MONTH", "YEAR"));
    };
  }

  private String timestamp(int depth) {
    return switch (random.nextInt(3)) {
      case 0 -> "CAST(" + of(Family.DATE, depth) + " AS TIMESTAMP)";
      case 1 ->
          "DATE_TRUNC('%s', %s)"
              .formatted(
                  pick("year", "quarter", "month", "week", "day", "hour", "minute", "second"),
                  of(Family.TIMESTAMP, depth));
      default ->
          "(%s %s INTERVAL '%d' %s)"
              .formatted(
                  of(Family.TIMESTAMP, depth),
                  pick("+", "-"),
                  1 + random.nextInt(40),
                  pick("SECOND", "MINUTE", "HOUR", "DAY", "MONTH"));
    };
  }

  /** A condition: true, false or unknown. */
  String predicate(int depth) {
    Family family = Family.any(random);
    int inner = depth - 1;
    if (depth > 0 && chance(3)) {
      return switch (random.nextInt(4)) {
        case 0 -> "(" + predicate(inner) + " AND " + predicate(inner) + ")";
        case 1 -> "(" + predicate(inner) + " OR " + predicate(inner) + ")";
        case 2 -> "(NOT " + predicate(inner) + ")";
        default ->
            "(%s IS %s%s)"
                .formatted(
                    predicate(inner), pick("", "NOT "), pick("TRUE", "FALSE", "UNKNOWN", "NULL"));
      };
    }
    if (depth > 0 && chance(6)) {
      String tested = withSubquery(family, inner);
      if (tested != null) {
        return tested;
      }
    }
    return switch (random.nextInt(9)) {
      case 0 -> "(" + of(family, inner) + " IS " + pick("", "NOT ") + "NULL)";
      case 1 ->
          "(%s %sIN (%s))"
              .formatted(
                  of(family, inner),
                  pick("", "NOT "),
                  list(1 + random.nextInt(4), i -> chance(8) ? "NULL" : leaf(family)));
      case 2 ->
          "(%s %sBETWEEN %s AND %s)"
              .formatted(of(family, inner), pick("", "NOT "), leaf(family), leaf(family));
      case 3 ->
          "(%s %sLIKE %s)"
              .formatted(
                  of(Family.TEXT, inner),
                  pick("", "NOT "),
                  pick("'a%'", "'%b'", "'%a%'", "'_'", "'a_b'", "'%'", "''", "'%t_p'", "'a%c'"));
      case 4 ->
          "(%s IS %sDISTINCT FROM %s)".formatted(of(family, inner), pick("", "NOT "), leaf(family));
      case 5 -> {
        Family[] numbers = {Family.WHOLE, Family.DECIMAL, Family.DOUBLE};
        yield "(%s %s %s)"
            .formatted(
                of(numbers[random.nextInt(3)], inner),
                pick(COMPARISONS),
                of(numbers[random.nextInt(3)], inner));
      }
      case 6 -> leaf(Family.BOOLEAN);
      default -> "(%s %s %s)".formatted(of(family, inner), pick(COMPARISONS), of(family, inner));
    };
  }

  private String withSubquery(Family family, int depth) {
    String query = subqueries.column(family, scope);
    if (query == null) {
      return null;
    }
    return switch (random.nextInt(4)) {
      case 0 -> "(" + pick("", "NOT ") + "EXISTS (" + query + "))";
      case 1, 2 -> "(%s %sIN (%s))".formatted(of(family, depth), pick("", "NOT "), query);
      default ->
          "(%s %s %s (%s))"
              .formatted(of(family, depth), pick(COMPARISONS), pick("ANY", "ALL"), query);
    };
  }
}
