package dev.sheaf.cli.shell;

import java.util.List;
import java.util.Locale;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes keywords and the names of schemas, tables and columns. */
final class NameCompleter implements Completer {
  private static final List<String> KEYWORDS =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "GROUP BY",
          "HAVING",
          "ORDER BY",
          "LIMIT",
          "OFFSET",
          "JOIN",
          "LEFT JOIN",
          "RIGHT JOIN",
          "FULL JOIN",
          "CROSS JOIN",
          "ON",
          "USING",
          "AS",
          "AND",
          "OR",
          "NOT",
          "IN",
          "EXISTS",
          "BETWEEN",
          "LIKE",
          "ILIKE",
          "IS NULL",
          "IS NOT NULL",
          "CASE",
          "WHEN",
          "THEN",
          "ELSE",
          "END",
          "CAST",
          "DISTINCT",
          "UNION ALL",
          "UNION",
          "INTERSECT",
          "EXCEPT",
          "WITH",
          "VALUES",
          "INSERT INTO",
          "UPDATE",
          "SET",
          "DELETE FROM",
          "RETURNING",
          "ON CONFLICT",
          "DO NOTHING",
          "DO UPDATE",
          "CREATE TABLE",
          "CREATE SCHEMA",
          "DROP TABLE",
          "DROP SCHEMA",
          "ALTER TABLE",
          "ADD COLUMN",
          "DROP COLUMN",
          "RENAME TO",
          "PRIMARY KEY",
          "NOT NULL",
          "DEFAULT",
          "CHECK",
          "TRUNCATE",
          "BEGIN",
          "COMMIT",
          "ROLLBACK",
          "EXPLAIN",
          "EXPLAIN ANALYZE",
          "COPY",
          "SHOW",
          "FOR SYSTEM_TIME AS OF",
          "BIGINT",
          "INTEGER",
          "SMALLINT",
          "DECIMAL",
          "VARCHAR",
          "TEXT",
          "BOOLEAN",
          "DATE",
          "TIME",
          "TIMESTAMP",
          "TIMESTAMPTZ",
          "DOUBLE PRECISION",
          "REAL",
          "BYTEA",
          "UUID");

  private final ShellSession session;

  NameCompleter(ShellSession session) {
    this.session = session;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String word = line.word();
    int cut = Math.max(word.lastIndexOf('('), word.lastIndexOf(',')) + 1;
    String done = word.substring(0, cut);
    boolean lower = !word.isEmpty() && word.equals(word.toLowerCase(Locale.ROOT));
    for (String keyword : KEYWORDS) {
      add(candidates, done, lower ? keyword.toLowerCase(Locale.ROOT) : keyword, "keywords");
    }
    session.names().forEach((name, group) -> add(candidates, done, name, group));
  }

  private static void add(List<Candidate> candidates, String done, String name, String group) {
    candidates.add(new Candidate(done + name, name, group, null, null, null, true));
  }
}
