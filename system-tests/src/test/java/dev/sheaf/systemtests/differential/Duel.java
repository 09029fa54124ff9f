package dev.sheaf.systemtests.differential;

import dev.sheaf.systemtests.differential.Tables.Table;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** One set of random tables in both engines, random queries and changes over them. */
final class Duel implements AutoCloseable {
  private static final int QUERIES_BETWEEN_CHANGES = 20;

  private final long seed;
  private final Random random;
  private final Tables tables;
  private final Sheaf sheaf;
  private final DuckDb duckDb;
  private final List<String> failures = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();

  Duel(Path scratch, long seed) throws SQLException {
    this.seed = seed;
    this.random = new Random(seed);
    this.tables = new Tables(random);
    this.sheaf = new Sheaf(scratch, seed);
    this.duckDb = new DuckDb();
    for (Table table : tables.all()) {
      both(table.ddl(), table.ddlWithoutKey());
      tables.fill(table).forEach(sql -> both(sql, sql));
    }
    changes();
    sheaf.flush();
    changes();
  }

  private void both(String sql, String duckDbs) {
    Answer judged = duckDb.run(duckDbs);
    Answer answer = sheaf.run(sql);
    if (answer.failed() || judged.failed()) {
      fail("setup", sql, judged, answer);
    }
  }

  /** What was found wrong. */
  List<String> failures() {
    return failures;
  }

  /** How many queries ended how. */
  Map<String, Integer> outcomes() {
    return outcomes;
  }

  void run(int queries) {
    for (int i = 1; i <= queries; i++) {
      var one = new Random(random.nextLong());
      switch (one.nextInt(8)) {
        case 0 -> partition(new Queries(one, tables.all()).partition());
        default -> compare(new Queries(one, tables.all()).query());
      }
      if (i % QUERIES_BETWEEN_CHANGES == 0) {
        ownWrites();
      }
    }
  }

  /** Queries of window functions and no others. */
  void runWindows(int queries) {
    for (int i = 0; i < queries; i++) {
      compare(new Queries(new Random(random.nextLong()), tables.all()).windows());
    }
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private void compare(Query query) {
    Answer judged = duckDb.run(query.sql());
    Answer answer = sheaf.run(query.sql());
    if (Differences.isUnsupported(answer)) {
      count("not supported by Sheaf: " + answer.error());
    } else if (answer.failed() && judged.failed()) {
      count("an error in both, as " + answer.code());
      if (answer.code().startsWith("XX")) {
        fail("error", query.sql(), judged, answer);
      }
    } else if (Differences.isKnown(query, judged, answer)) {
      count("known: " + (answer.failed() ? answer : judged).code());
    } else if (answer.failed() || judged.failed()) {
      fail("error", query.sql(), judged, answer);
    } else if (answer.matches(judged, query.ordered())) {
      count(answer.rows().isEmpty() ? "equal, empty" : "equal");
    } else {
      fail("difference", query.sql(), judged, answer);
    }
  }

  /** A condition is true, false or unknown of every row. */
  private void partition(String[] wholeAndParts) {
    Answer whole = sheaf.run(wholeAndParts[0]);
    Answer parts = sheaf.run(wholeAndParts[1]);
    if (Differences.isUnsupported(parts)) {
      count("not supported by Sheaf: " + parts.error());
    } else if (parts.failed() && Differences.isDataError(parts.code())) {
      count("partition: " + parts.code());
    } else if (parts.failed() || whole.failed() || !parts.matches(whole, false)) {
      fail("partition", wholeAndParts[1], whole, parts);
    } else {
      count("partition, equal");
    }
  }

  private void changes() {
    for (int i = random.nextInt(8); i > 0; i--) {
      change();
    }
  }

  private void change() {
    String sql = tables.change();
    Answer judged = duckDb.run(sql);
    Answer answer = sheaf.run(sql);
    if (answer.failed() || judged.failed() || !answer.matches(judged, true)) {
      fail("change", sql, judged, answer);
    }
    count("change");
  }

  /** A transaction reads its own changes as all will read them once it has committed. */
  private void ownWrites() {
    List<Query> queries = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Query query = new Queries(new Random(random.nextLong()), tables.all()).query();
      if (!sheaf.run(query.sql()).failed()) {
        queries.add(query);
      }
    }
    tables.all().forEach(t -> queries.add(new Query("SELECT * FROM " + t.name(), false)));
    sheaf.run("BEGIN");
    duckDb.run("BEGIN");
    changes();
    List<Answer> own = queries.stream().map(q -> sheaf.run(q.sql())).toList();
    // What fails on the new rows takes the transaction with it.
    boolean aborted = own.stream().anyMatch(Answer::failed);
    sheaf.run(aborted ? "ROLLBACK" : "COMMIT");
    duckDb.run(aborted ? "ROLLBACK" : "COMMIT");
    if (random.nextInt(3) == 0) {
      sheaf.flush();
    }
    for (int i = 0; i < queries.size(); i++) {
      Query query = queries.get(i);
      Answer after = sheaf.run(query.sql());
      if (!aborted && !after.matches(own.get(i), query.ordered())) {
        fail("own writes", query.sql(), after, own.get(i));
      }
      compare(query);
    }
    count(aborted ? "own writes, aborted" : "own writes, equal");
  }

  private void fail(String what, String sql, Answer expected, Answer actual) {
    count("FAILED " + what);
    failures.add(
        "seed %d, %s:%n  %s%n  expected %s%n  but was  %s"
            .formatted(seed, what, sql, expected, actual));
  }

  /** For a look at one query by hand: both answers and the plan. */
  String explain(String sql) {
    return "%s%n DuckDB %s%n Sheaf %s%n %s"
        .formatted(sql, duckDb.run(sql), sheaf.run(sql), sheaf.run("EXPLAIN " + sql));
  }

  @Override
  public void close() throws SQLException {
    sheaf.close();
    duckDb.close();
  }
}
