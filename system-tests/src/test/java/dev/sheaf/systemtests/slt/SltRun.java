package dev.sheaf.systemtests.slt;

import dev.sheaf.cli.text.Statements;
import dev.sheaf.systemtests.slt.SltRecord.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** One run of one file's records. */
final class SltRun {
  private final Engine engine;
  private final boolean anyError;
  private final List<String> failures = new ArrayList<>();
  private final Map<String, List<List<String>>> labelled = new HashMap<>();
  private final Map<SltRecord.Query, List<String>> results = new HashMap<>();
  private int passed;
  private int skipped;
  private int hashThreshold;

  /**
   * @param anyError whether errors may have any text
   */
  SltRun(Engine engine, boolean anyError) {
    this.engine = engine;
    this.anyError = anyError;
  }

  int passed() {
    return passed;
  }

  int skipped() {
    return skipped;
  }

  /** Each with its line, what was asked, and what is different. */
  List<String> failures() {
    return failures;
  }

  /** What came of each query, as lines of a file. */
  Map<SltRecord.Query, List<String>> results() {
    return results;
  }

  void run(List<SltRecord> records) {
    for (int i = 0; i < records.size(); i++) {
      SltRecord record = records.get(i);
      if (!record.conditions().hold(engine.name())) {
        skipped++;
        continue;
      }
      switch (record) {
        case SltRecord.Statement s -> judge(s, s.sql(), difference(s));
        case SltRecord.Query q -> judge(q, q.sql(), difference(q));
        case SltRecord.HashThreshold h -> hashThreshold = h.values();
        case SltRecord.Halt h -> {
          skipped += records.size() - i - 1;
          return;
        }
        case SltRecord.Unknown u -> {
          skipped += records.size() - i;
          return;
        }
      }
    }
  }

  private void judge(SltRecord record, String sql, String difference) {
    if (difference == null) {
      passed++;
    } else {
      failures.add(
          "line " + record.line() + ": " + difference + "\n    " + sql.replace("\n", "\n    "));
    }
  }

  /** The result of the last statement of a text, or the first error. */
  private Engine.Result run(String sql) {
    List<Statements.Statement> statements = Statements.split(sql + "\n;").complete();
    Engine.Result result = new Engine.Changed(0);
    for (Statements.Statement statement : statements) {
      result = engine.run(statement.sql());
      if (result instanceof Engine.Failed) {
        return result;
      }
    }
    return result;
  }

  private String difference(SltRecord.Statement record) {
    Engine.Result result = run(record.sql());
    if (!(result instanceof Engine.Failed failed)) {
      if (record.outcome() == Outcome.ERROR) {
        return "an error is expected";
      }
      return record.count() >= 0
              && !(result instanceof Engine.Changed c && c.rows() == record.count())
          ? "expected " + record.count() + " rows, found " + result
          : null;
    }
    if (failed.sqlState().startsWith("XX")) {
      return "internal error " + failed;
    }
    return switch (record.outcome()) {
      case OK -> failed.toString();
      case ANY -> null;
      case ERROR ->
          anyError || matches(record.pattern(), failed.toString())
              ? null
              : "expected an error with " + record.pattern() + ", found " + failed;
    };
  }

  private static boolean matches(String pattern, String text) {
    try {
      return Pattern.compile(pattern, Pattern.DOTALL).matcher(text).find();
    } catch (PatternSyntaxException e) {
      return text.contains(pattern);
    }
  }

  private String difference(SltRecord.Query record) {
    return switch (run(record.sql())) {
      case Engine.Failed failed -> failed.toString();
      case Engine.Changed changed -> "no rows came, " + changed.rows() + " were changed";
      case Engine.Rows rows -> {
        String types = record.types().isEmpty() ? "?".repeat(rows.columns()) : record.types();
        if (types.length() != rows.columns()) {
          yield "expected " + types.length() + " columns, found " + rows.columns();
        }
        results.put(record, Cells.written(rows.values(), types, record.sort(), hashThreshold));
        String difference =
            record.expected() == null
                ? null
                : Cells.difference(record.expected(), rows.values(), types, record.sort());
        yield difference == null ? unlikeLabel(record, rows.values(), types) : difference;
      }
    };
  }

  private String unlikeLabel(SltRecord.Query record, List<List<String>> rows, String types) {
    if (record.label().isEmpty()) {
      return null;
    }
    List<List<String>> first = labelled.putIfAbsent(record.label(), rows);
    if (first == null) {
      return null;
    }
    String before = Cells.hashed(first, types, record.sort());
    return before.equals(Cells.hashed(rows, types, record.sort()))
        ? null
        : "the result is not that of the query before with the label " + record.label();
  }
}
