package dev.sheaf.cli.shell;

import dev.sheaf.cli.client.Endpoint;
import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.text.ResultPrinter;
import dev.sheaf.cli.text.Statements;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/** What an interactive shell keeps between lines: the connection and the switches. */
final class ShellSession implements AutoCloseable {
  private static final String HELP =
      """
      \\d            tables                  \\d TABLE      columns of a table
      \\l            databases               \\c DATABASE   connect to another database
      \\i FILE       run a file              \\o [FILE]     results to a file; without FILE back here
      \\timing       times on or off         \\x            one line per column on or off
      \\format F     table, csv or json      \\q            leave
      Statements end with a semicolon.
      """;

  private final Terminal terminal;
  private Endpoint endpoint;
  private SqlClient client;
  private ResultPrinter.Format format;
  private boolean timing = true;
  private boolean expanded;
  private boolean ended;
  private @Nullable PrintWriter file;
  private @Nullable Map<String, String> names;

  private ShellSession(
      Endpoint endpoint, SqlClient client, ResultPrinter.Format format, Terminal terminal) {
    this.endpoint = endpoint;
    this.client = client;
    this.format = format;
    this.terminal = terminal;
  }

  static ShellSession open(Endpoint endpoint, ResultPrinter.Format format, Terminal terminal) {
    return new ShellSession(endpoint, SqlClient.connect(endpoint), format, terminal);
  }

  String prompt() {
    return (endpoint.database() == null ? "sheaf" : endpoint.database()) + "=> ";
  }

  boolean isEnded() {
    return ended;
  }

  void note(String text) {
    terminal.writer().print(text.endsWith("\n") ? text : text + "\n");
    terminal.flush();
  }

  void cancel() {
    client.cancel();
  }

  void statement(String sql) {
    try {
      if (file != null) {
        new StatementRunner(client, file, format, timing, endpoint).run(sql, expanded);
      } else {
        page(sql);
      }
      if (sql.regionMatches(true, 0, "create", 0, 6) || sql.regionMatches(true, 0, "drop", 0, 4)) {
        names = null;
      }
    } catch (SqlException e) {
      terminal.writer().print(ErrorText.of(e.error(), sql));
      terminal.flush();
    }
  }

  /** Prints what fits the screen directly and pages what does not. */
  private void page(String sql) {
    var paged = new Pager(terminal);
    try (PrintWriter out = new PrintWriter(paged)) {
      new StatementRunner(client, out, format, timing, endpoint).run(sql, expanded);
    } catch (Pager.Left left) {
      client.cancel();
      terminal.writer().println("(left out the rest)");
      terminal.flush();
    }
  }

  void command(String line) {
    String[] words = line.split("\\s+", 2);
    String argument = words.length > 1 ? words[1].strip() : "";
    switch (words[0]) {
      case "\\q" -> ended = true;
      case "\\?" -> note(HELP);
      case "\\timing" -> note("timing is " + onOff(timing = !timing));
      case "\\x" -> note("expanded display is " + onOff(expanded = !expanded));
      case "\\d", "\\dt" -> describe(argument);
      case "\\l" ->
          statement("SELECT catalog_name AS database FROM information_schema.schemata GROUP BY 1");
      case "\\c" -> connect(argument);
      case "\\i" -> include(argument);
      case "\\o" -> redirect(argument);
      case "\\format" -> chooseFormat(argument);
      default -> note("unknown command " + words[0] + "; \\? lists them");
    }
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  private void describe(String table) {
    if (table.isEmpty()) {
      statement(
          "SELECT table_schema AS schema, table_name AS name, table_type AS type"
              + " FROM information_schema.tables WHERE table_schema <> 'information_schema'"
              + " ORDER BY 1, 2");
      return;
    }
    int dot = table.indexOf('.');
    String schema = dot < 0 ? "" : " AND table_schema = '" + quoted(table.substring(0, dot)) + "'";
    statement(
        "SELECT column_name AS column, data_type AS type, is_nullable AS nullable,"
            + " column_default AS \"default\" FROM information_schema.columns WHERE table_name = '"
            + quoted(table.substring(dot + 1))
            + "'"
            + schema
            + " ORDER BY table_schema, ordinal_position");
  }

  private static String quoted(String text) {
    return text.replace("'", "''");
  }

  private void connect(String database) {
    if (database.isEmpty()) {
      note("connected to " + endpoint.host() + ":" + endpoint.port() + " as " + endpoint.user());
      return;
    }
    Endpoint next = endpoint.withDatabase(database);
    try {
      SqlClient opened = SqlClient.connect(next);
      try {
        opened.execute("SELECT 1", new RowTexts(new ArrayList<>()));
      } catch (SqlException e) {
        opened.close();
        throw e;
      }
      client.close();
      client = opened;
      endpoint = next;
      names = null;
    } catch (SqlException e) {
      note(ErrorText.of(e.error(), ""));
    }
  }

  private void include(String path) {
    try {
      for (var statement : Statements.split(Files.readString(Path.of(path)) + ";").complete()) {
        statement(statement.sql());
      }
    } catch (IOException e) {
      note("cannot read " + path + ": " + e.getMessage());
    }
  }

  private void redirect(String path) {
    if (file != null) {
      file.close();
      file = null;
    }
    if (!path.isEmpty()) {
      try {
        file = new PrintWriter(path, StandardCharsets.UTF_8);
      } catch (IOException e) {
        note("cannot write " + path + ": " + e.getMessage());
      }
    }
  }

  private void chooseFormat(String name) {
    try {
      format = ResultPrinter.Format.valueOf(name);
    } catch (IllegalArgumentException e) {
      note("formats are table, csv and json");
    }
  }

  /** Names for completion with their group; fetched once, and again after DDL. */
  Map<String, String> names() {
    if (names == null) {
      Map<String, String> fetched = new TreeMap<>();
      try {
        for (@Nullable String[] row : client.names()) {
          fetched.put(String.valueOf(row[0]), "schemas");
          fetched.put(String.valueOf(row[1]), "tables");
          fetched.putIfAbsent(String.valueOf(row[2]), "columns");
        }
      } catch (SqlException e) {
        // Completion is a courtesy: without names it still knows the keywords.
        fetched.clear();
      }
      names = fetched;
    }
    return names;
  }

  @Override
  public void close() {
    redirect("");
    client.close();
  }
}
