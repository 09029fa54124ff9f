package dev.sheaf.cli.command;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.text.Printers;
import dev.sheaf.cli.text.ResultPrinter;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what differs between two branches, or between two moments of one. */
@Command(
    name = "diff",
    description =
        "Show what differs between a database and its branch, between two branches, or between two"
            + " moments: the tables, then the rows of each.",
    footer = {
      "",
      "Examples:",
      "  ./sheaf branch diff shop dev                      what dev has that shop has not",
      "  ./sheaf branch diff shop dev test --table orders  from shop@dev to shop@test",
      "  ./sheaf branch diff shop --at 2026-01-31T12:00:00Z --summary"
    })
final class DiffCommand implements Callable<Integer> {
  @Mixin private ServerOfSql server = new ServerOfSql();

  @Parameters(index = "0", paramLabel = "DATABASE", description = "For example shop.")
  private String database = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "BRANCH",
      description = "One of its branches, compared with the database itself, or with OTHER.")
  private @Nullable String branch;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "OTHER",
      description = "The branch to which BRANCH is compared.")
  private @Nullable String other;

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description = "Only the rows of this table, named as in SQL.")
  private @Nullable String table;

  @Option(
      names = "--at",
      paramLabel = "MOMENT",
      description = "The first side as it was then (default: now).")
  private @Nullable String at;

  @Option(
      names = "--to",
      paramLabel = "MOMENT",
      description = "The second side as it was then (default: now).")
  private @Nullable String to;

  @Option(names = "--limit", paramLabel = "N", description = "Rows of each table, at most.")
  private @Nullable Integer limit;

  @Option(names = "--summary", description = "How many rows of which tables differ, not the rows.")
  private boolean summary;

  @Option(
      names = "--format",
      description =
          "How to print: ${COMPLETION-CANDIDATES} (default: table). Without --table, csv and json"
              + " have the summary alone.")
  private ResultPrinter.Format format = ResultPrinter.Format.table;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    if (branch == null && at == null) {
      throw new CliException(
          ExitCode.USAGE, "nothing to compare " + database + " with", "Name a branch, or --at.");
    }
    if (table != null && summary) {
      throw new CliException(
          ExitCode.USAGE, "--summary is of all tables", "Leave out --table, or --summary.");
    }
    if (limit != null && limit < 0) {
      throw new CliException(ExitCode.USAGE, "--limit is negative", null);
    }
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    try (SqlClient client = SqlClient.connect(server.endpoint(toDatabase(), null))) {
      if (table != null) {
        print(client, "SHOW DIFF TABLE " + table + sides() + limit(), out);
      } else {
        all(client, out);
      }
    }
    out.flush();
    return ExitCode.OK;
  }

  private void all(SqlClient client, PrintWriter out) {
    List<@Nullable String[]> tables = new ArrayList<>();
    print(client, "SHOW DIFF" + sides(), new RowTexts(tables), out);
    if (summary || format != ResultPrinter.Format.table) {
      return;
    }
    for (@Nullable String[] row : tables) {
      if (hasRows(row)) {
        out.printf("%n%s.%s%n", row[0], row[1]);
        print(
            client,
            "SHOW DIFF TABLE " + name(row[0]) + "." + name(row[1]) + sides() + limit(),
            out);
      }
    }
  }

  /** The numbers of rows are the summary's last columns; none where rows cannot be compared. */
  private static boolean hasRows(@Nullable String[] row) {
    for (int i = 3; i < row.length; i++) {
      if (row[i] != null && !row[i].equals("0")) {
        return true;
      }
    }
    return false;
  }

  private void print(SqlClient client, String sql, PrintWriter out) {
    ResultPrinter printer = Printers.of(format, out, false);
    execute(client, sql, printer);
    printer.finish();
  }

  /** As the other, and lets somebody else see the rows. */
  private void print(SqlClient client, String sql, SqlClient.Rows also, PrintWriter out) {
    ResultPrinter printer = Printers.of(format, out, false);
    execute(
        client,
        sql,
        new SqlClient.Rows() {
          @Override
          public void fields(List<Field> fields) {
            printer.fields(fields);
            also.fields(fields);
          }

          @Override
          public void batch(Batch batch) {
            printer.batch(batch);
            also.batch(batch);
          }
        });
    printer.finish();
  }

  /** An error without its place in the statement, which the user has not written. */
  private static void execute(SqlClient client, String sql, SqlClient.Rows rows) {
    try {
      client.execute(sql, rows);
    } catch (SqlException e) {
      if (e.error().isConnectionFailure()) {
        throw e;
      }
      throw new CliException(
          ExitCode.FAILED, e.error().sqlState() + ": " + e.error().message(), e.error().hint());
    }
  }

  private String family() {
    int mark = database.indexOf('@');
    return mark < 0 ? database : database.substring(0, mark);
  }

  private String fromDatabase() {
    return other == null ? database : family() + "@" + branch;
  }

  private String toDatabase() {
    String last = other == null ? branch : other;
    return last == null ? database : family() + "@" + last;
  }

  private String sides() {
    return side(" FROM ", fromDatabase(), at) + side(" TO ", toDatabase(), to);
  }

  private static String side(String word, String name, @Nullable String moment) {
    return word + text(name) + (moment == null ? "" : " AT " + text(moment));
  }

  private String limit() {
    return limit == null ? "" : " LIMIT " + limit;
  }

  private static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  private static String name(@Nullable String identifier) {
    return "\"" + String.valueOf(identifier).replace("\"", "\"\"") + "\"";
  }
}
