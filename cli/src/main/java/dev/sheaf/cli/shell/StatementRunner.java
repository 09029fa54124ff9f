package dev.sheaf.cli.shell;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlClient.Outcome;
import dev.sheaf.cli.text.Printers;
import dev.sheaf.cli.text.ResultPrinter;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Runs one statement and prints what came of it. */
public final class StatementRunner {
  private final SqlClient client;
  private final PrintWriter out;
  private final ResultPrinter.Format format;
  private final boolean timing;
  private final @Nullable Endpoint endpoint;

  /** Without a line that says how far a statement is. */
  public StatementRunner(
      SqlClient client, PrintWriter out, ResultPrinter.Format format, boolean timing) {
    this(client, out, format, timing, null);
  }

  /**
   * @param endpoint the client's, for a {@link ProgressLine}; null: there is none
   */
  public StatementRunner(
      SqlClient client,
      PrintWriter out,
      ResultPrinter.Format format,
      boolean timing,
      @Nullable Endpoint endpoint) {
    this.client = client;
    this.out = out;
    this.format = format;
    this.timing = timing;
    this.endpoint = endpoint;
  }

  /** Errors are {@link dev.sheaf.cli.client.SqlException}. */
  public void run(String sql, boolean expanded) {
    long start = System.nanoTime();
    ResultPrinter printer = Printers.of(format, out, expanded);
    Outcome outcome = execute(sql, printer);
    printer.finish();
    if (outcome instanceof Outcome.Changed changed && format == ResultPrinter.Format.table) {
      out.println(tag(sql, changed.rows()));
    }
    if (timing) {
      out.printf(Locale.ROOT, "Time: %.1f ms%n", (System.nanoTime() - start) / 1e6);
    }
    out.flush();
  }

  private Outcome execute(String sql, ResultPrinter printer) {
    if (endpoint == null) {
      return client.execute(sql, printer);
    }
    try (ProgressLine progress = ProgressLine.of(endpoint, sql)) {
      return client.execute(sql, progress.before(printer));
    }
  }

  /** For example {@code INSERT 3} or {@code CREATE TABLE}. */
  private static String tag(String sql, long rows) {
    String[] words = sql.strip().split("[\\s(]+", 3);
    String first = words[0].toUpperCase(Locale.ROOT);
    return switch (first) {
      case "INSERT", "UPDATE", "DELETE", "COPY" -> first + " " + rows;
      case "CREATE", "DROP", "ALTER" ->
          words.length > 1 ? first + " " + words[1].toUpperCase(Locale.ROOT) : first;
      default -> first;
    };
  }
}
