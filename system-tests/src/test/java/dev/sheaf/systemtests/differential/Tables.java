package dev.sheaf.systemtests.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random tables and random changes of them. Every table has a column {@code id} that is unique,
 * being the primary key or not.
 */
final class Tables {
  private static final int[] SIZES = {0, 1, 12, 30, 70, 2_500};
  private static final int ROWS_PER_INSERT = 500;

  private final Random random;
  private final List<Table> tables = new ArrayList<>();
  private int nextId;

  /**
   * @param ddl of Sheaf; other engines get it without the primary key
   * @param rows about how many
   */
  record Table(String name, String ddl, List<Column> columns, int rows) {
    String ddlWithoutKey() {
      return ddl.replace(" PRIMARY KEY", "");
    }
  }

  Tables(Random random) {
    this.random = random;
    for (int t = 0; t < SIZES.length; t++) {
      List<Column> columns = new ArrayList<>();
      var ddl = new StringBuilder("CREATE TABLE t" + t + " (id INTEGER");
      ddl.append(random.nextBoolean() ? " PRIMARY KEY" : " NOT NULL");
      columns.add(new Column("id", Family.WHOLE));
      int width = 4 + random.nextInt(6);
      for (int c = 0; c < width; c++) {
        Family family = c == 0 ? Family.WHOLE : Family.any(random);
        columns.add(new Column("c" + c, family));
        ddl.append(", c").append(c).append(' ').append(family.columnType(random));
      }
      tables.add(new Table("t" + t, ddl.append(")").toString(), columns, SIZES[t]));
    }
  }

  List<Table> all() {
    return tables;
  }

  /** Statements that fill a table. */
  List<String> fill(Table table) {
    List<String> inserts = new ArrayList<>();
    for (int done = 0; done < table.rows(); done += ROWS_PER_INSERT) {
      inserts.add(insert(table, Math.min(ROWS_PER_INSERT, table.rows() - done)));
    }
    return inserts;
  }

  private String insert(Table table, int rows) {
    return "INSERT INTO %s VALUES %s"
        .formatted(
            table.name(),
            IntStream.range(0, rows).mapToObj(r -> row(table)).collect(Collectors.joining(", ")));
  }

  private String row(Table table) {
    var row = new StringBuilder("(" + nextId++);
    for (Column column : table.columns().subList(1, table.columns().size())) {
      row.append(", ").append(random.nextInt(4) == 0 ? "NULL" : column.family().literal(random));
    }
    return row.append(")").toString();
  }

  /** A statement that changes some rows. */
  String change() {
    Table table = tables.get(random.nextInt(tables.size()));
    var expressions = new Expressions(random, table.columns(), Expressions.Subqueries.NONE);
    return switch (random.nextInt(5)) {
      case 0 ->
          "DELETE FROM %s WHERE id %% 7 = %d AND %s"
              .formatted(table.name(), random.nextInt(7), expressions.predicate(1));
      case 1 -> insert(table, 1 + random.nextInt(9));
      default -> {
        List<Column> columns = table.columns();
        Column set = columns.get(1 + random.nextInt(columns.size() - 1));
        // Values that fit the narrowest type of the family.
        String value =
            random.nextInt(3) == 0
                ? "CASE WHEN %s THEN %s END"
                    .formatted(expressions.predicate(1), set.family().literal(random))
                : random.nextInt(4) == 0 ? "NULL" : set.family().literal(random);
        yield "UPDATE %s SET %s = %s WHERE %s"
            .formatted(table.name(), set.sql(), value, expressions.predicate(2));
      }
    };
  }
}
