package dev.sheaf.systemtests.differential;

import dev.sheaf.systemtests.differential.Relations.Relation;
import dev.sheaf.systemtests.differential.Tables.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Random queries over the tables. One instance makes one query. */
final class Queries implements Expressions.Subqueries {
  private static final int MAX_NESTING = 2;
  private static final long INNER_ROWS = 70;

  private final Random random;
  private final Relations relations;
  private final Aggregates aggregates;
  private final List<String> ctes = new ArrayList<>();
  private final List<Relation> named = new ArrayList<>();
  private int nesting;

  Queries(Random random, List<Table> tables) {
    this.random = random;
    this.relations = new Relations(random, tables);
    this.aggregates = new Aggregates(random);
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  /** A whole query. */
  Query query() {
    if (chance(5)) {
      for (int i = 0; i <= random.nextInt(2); i++) {
        define("q" + i);
      }
    }
    String with = ctes.isEmpty() ? "" : "WITH " + String.join(", ", ctes) + " ";
    if (chance(4)) {
      return windows();
    }
    if (chance(5)) {
      return new Query(with + aggregates.approximate(from(2), this), false);
    }
    List<Family> families = families();
    String body = chance(5) ? setOperation(families) : core(families, 3);
    if (chance(2)) {
      return new Query(with + body, false);
    }
    return new Query(with + body + order(families.size()) + limit(), true);
  }

  /** Of base tables and joins of them, whose rows their ids tell apart. */
  Query windows() {
    Relation from = relations.table(2_500);
    if (chance(3)) {
      from = relations.join(from, relations.table(70));
    }
    String where = chance(2) ? "" : " WHERE " + in(from).predicate(2);
    return new Query(new Windows(random, aggregates).query(from, where), false);
  }

  /**
   * The three parts of a relation by a condition, and the whole: rows of the one are rows of the
   * others.
   */
  String[] partition() {
    Relation from = from(3);
    var expressions = new Expressions(random, from.columns(), this);
    String condition = expressions.predicate(3);
    String items =
        IntStream.range(0, 2)
            .mapToObj(i -> expressions.of(Family.any(random), 1))
            .collect(Collectors.joining(", "));
    String all = "SELECT " + items + " FROM " + from.sql();
    return new String[] {
      all,
      "%s WHERE %s UNION ALL %s WHERE NOT %s UNION ALL %s WHERE %s IS NULL"
          .formatted(all, condition, all, condition, all, condition)
    };
  }

  private void define(String name) {
    List<Family> families = families();
    ctes.add(name + " (" + names(families.size()) + ") AS (" + core(families, 2) + ")");
    List<Column> columns =
        IntStream.range(0, families.size())
            .mapToObj(i -> new Column("x" + i, families.get(i)))
            .toList();
    named.add(new Relation(name, columns, 200));
  }

  private static String names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "x" + i).collect(Collectors.joining(", "));
  }

  private List<Family> families() {
    return IntStream.rangeClosed(0, random.nextInt(4)).mapToObj(i -> Family.any(random)).toList();
  }

  private String setOperation(List<Family> families) {
    int arms = 2 + random.nextInt(2);
    var sql = new StringBuilder("(" + core(families, 2) + ")");
    for (int i = 1; i < arms; i++) {
      String[] operators = {
        "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"
      };
      sql.append(' ').append(operators[random.nextInt(operators.length)]).append(' ');
      sql.append('(').append(core(families, 2)).append(')');
    }
    return sql.toString();
  }

  private String core(List<Family> families, int depth) {
    Relation from = from(depth);
    String where = chance(3) ? "" : " WHERE " + in(from).predicate(depth);
    if (chance(3)) {
      return aggregates.grouped(families, from, where, this);
    }
    String items =
        families.stream().map(f -> in(from).of(f, depth)).collect(Collectors.joining(", "));
    return "SELECT " + (chance(4) ? "DISTINCT " : "") + items + " FROM " + from.sql() + where;
  }

  private Expressions in(Relation from) {
    return new Expressions(random, from.columns(), this);
  }

  private Relation from(int depth) {
    Relation from = relation(depth, 2_500);
    int joins = random.nextInt(3);
    for (int i = 0; i < joins; i++) {
      from = relations.join(from, relation(depth - 1, from.rows() > 1000 ? 70 : 2_500));
    }
    return from;
  }

  private Relation relation(int depth, long maxRows) {
    if (!named.isEmpty() && nesting == 0 && chance(2)) {
      Relation cte = named.get(random.nextInt(named.size()));
      String alias = relations.alias();
      return new Relation(
          cte.sql() + " AS " + alias,
          cte.columns().stream().map(c -> new Column(alias + "." + c.sql(), c.family())).toList(),
          cte.rows());
    }
    if (depth > 1 && chance(6)) {
      List<Family> families = Stream.concat(Stream.of(Family.WHOLE), families().stream()).toList();
      String sql = chance(6) ? setOperation(families) : core(families, 1);
      return relations.derived(
          chance(3) ? sql + order(families.size()) + limit() : sql, families, 200);
    }
    return relations.table(maxRows);
  }

  private String order(int columns) {
    List<Integer> ordinals = new ArrayList<>(IntStream.rangeClosed(1, columns).boxed().toList());
    Collections.shuffle(ordinals, random);
    String[] directions = {"", "", " DESC", " ASC NULLS FIRST", " DESC NULLS LAST"};
    return " ORDER BY "
        + ordinals.stream()
            .map(o -> o + directions[random.nextInt(directions.length)])
            .collect(Collectors.joining(", "));
  }

  private String limit() {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> " LIMIT " + random.nextInt(4) + " OFFSET " + random.nextInt(5);
      case 2 -> " OFFSET " + random.nextInt(5);
      default -> " LIMIT " + (1 + random.nextInt(20));
    };
  }

  @Override
  public String scalar(Family family, List<Column> scope) {
    return inner(
        scope,
        (from, expressions) -> {
          String where = " FROM " + from.sql() + " WHERE " + expressions.predicate(2);
          if (chance(4)) {
            return "SELECT " + expressions.of(family, 1) + where + " ORDER BY 1 LIMIT 1";
          }
          return "SELECT " + aggregates.call(family, from.columns()) + where;
        });
  }

  @Override
  public String column(Family family, List<Column> scope) {
    return inner(
        scope,
        (from, expressions) -> {
          String where = " FROM " + from.sql() + " WHERE " + expressions.predicate(2);
          return switch (random.nextInt(5)) {
            case 0 -> {
              String key = from.columns().get(random.nextInt(from.columns().size())).sql();
              yield "SELECT "
                  + aggregates.call(family, from.columns())
                  + where
                  + " GROUP BY "
                  + key;
            }
            case 1 -> "SELECT DISTINCT " + expressions.of(family, 1) + where;
            default -> "SELECT " + expressions.of(family, 1) + where;
          };
        });
  }

  private interface Body {
    String of(Relation from, Expressions expressions);
  }

  /** Columns of outer queries are in scope, unless they are keys or aggregates of a grouping. */
  private String inner(List<Column> outer, Body body) {
    if (nesting == MAX_NESTING) {
      return null;
    }
    nesting++;
    Relation from = relations.table(INNER_ROWS);
    if (chance(3)) {
      from = relations.join(from, relations.table(INNER_ROWS));
    }
    List<Column> visible =
        chance(3)
            ? List.of()
            : outer.stream().filter(c -> c.sql().matches("r[0-9]+\\.[a-z0-9]+")).toList();
    List<Column> scope = Stream.concat(from.columns().stream(), visible.stream()).toList();
    String sql = body.of(from, new Expressions(random, scope, this));
    nesting--;
    return sql;
  }
}
