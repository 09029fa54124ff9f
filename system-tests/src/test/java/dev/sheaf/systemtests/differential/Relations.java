package dev.sheaf.systemtests.differential;

import dev.sheaf.systemtests.differential.Tables.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Random FROM clauses. Aliases are never used twice, so that any name may be used anywhere. */
final class Relations {
  /** Bounds the time of joins without equality and of correlated subqueries. */
  private static final long MAX_ROWS = 100_000;

  private final Random random;
  private final List<Table> tables;
  private int aliases;

  /**
   * @param columns by qualified names
   * @param rows a guess
   */
  record Relation(String sql, List<Column> columns, long rows) {}

  Relations(Random random, List<Table> tables) {
    this.random = random;
    this.tables = tables;
  }

  String alias() {
    return "r" + aliases++;
  }

  /** A table under a new alias. */
  Relation table(long maxRows) {
    List<Table> small = tables.stream().filter(t -> t.rows() <= maxRows).toList();
    Table table = small.get(random.nextInt(small.size()));
    String alias = alias();
    return new Relation(table.name() + " AS " + alias, qualified(table, alias), table.rows() + 10);
  }

  static List<Column> qualified(Table table, String alias) {
    return table.columns().stream()
        .map(c -> new Column(alias + "." + c.sql(), c.family()))
        .toList();
  }

  /** A query as a relation with the columns x0, x1, ... */
  Relation derived(String sql, List<Family> families, long rows) {
    String alias = alias();
    List<Column> columns = new ArrayList<>();
    var names = new StringBuilder();
    for (int i = 0; i < families.size(); i++) {
      columns.add(new Column(alias + ".x" + i, families.get(i)));
      names.append(i == 0 ? "" : ", ").append('x').append(i);
    }
    return new Relation("(" + sql + ") AS " + alias + " (" + names + ")", columns, rows);
  }

  /** Joins two relations in any way. */
  Relation join(Relation left, Relation right) {
    List<Column> columns =
        Stream.concat(left.columns().stream(), right.columns().stream()).toList();
    boolean small = left.rows() * right.rows() <= MAX_ROWS;
    int form = random.nextInt(10);
    if (form == 0 && small) {
      String separator = random.nextBoolean() ? ", " : " CROSS JOIN ";
      // Of a comma and a JOIN the comma binds weaker, which names in ON would not survive.
      String sql = left.sql() + (separator.equals(", ") ? " CROSS JOIN " : separator) + right.sql();
      return new Relation(sql, columns, left.rows() * right.rows());
    }
    String type =
        switch (random.nextInt(6)) {
          case 0, 1 -> "LEFT JOIN";
          case 2 -> "RIGHT JOIN";
          case 3 -> "FULL JOIN";
          default -> "JOIN";
        };
    var both = new Expressions(random, columns, Expressions.Subqueries.NONE);
    String equality = equality(left, right);
    String on;
    if (equality != null && (!small || form < 6)) {
      on = random.nextInt(3) == 0 ? equality + " AND " + both.predicate(1) : equality;
    } else if (small) {
      on = both.predicate(2);
    } else {
      return left;
    }
    long rows =
        equality == null ? left.rows() * right.rows() : 4 * Math.max(left.rows(), right.rows());
    return new Relation(
        "%s %s %s ON %s".formatted(left.sql(), type, right.sql(), on), columns, rows);
  }

  private String equality(Relation left, Relation right) {
    List<Column> keys = new ArrayList<>(left.columns());
    java.util.Collections.shuffle(keys, random);
    // Of many rows only unique keys, or the result explodes.
    boolean many = left.rows() * right.rows() > MAX_ROWS;
    for (Column key : keys) {
      for (Column other : right.columns()) {
        boolean unique = key.sql().endsWith(".id") && other.sql().endsWith(".id");
        if (key.family() == other.family() && (many ? unique : random.nextInt(3) == 0)) {
          return key.sql() + " = " + other.sql();
        }
      }
    }
    return null;
  }
}
