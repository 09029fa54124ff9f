package dev.sheaf.cli.shell;

import dev.sheaf.cli.client.SqlError;

/** An error as a user reads it: message, the line of SQL with a caret, hint. */
public final class ErrorText {
  private static final int MAX_LINE = 120;

  private ErrorText() {}

  /** Ends with a line break. */
  public static String of(SqlError error, String sql) {
    var text =
        new StringBuilder("error ")
            .append(error.sqlState())
            .append(": ")
            .append(error.message())
            .append('\n');
    String[] lines = sql.split("\n", -1);
    if (error.line() >= 1 && error.line() <= lines.length) {
      String line = lines[error.line() - 1].replace('\t', ' ');
      int caret = Math.max(0, Math.min(error.column() - 1, line.length()));
      int from = Math.max(0, Math.min(caret - MAX_LINE / 2, line.length() - MAX_LINE));
      String shown = line.substring(from, Math.min(line.length(), from + MAX_LINE));
      String prefix = "line " + error.line() + ": ";
      text.append(prefix).append(shown).append('\n');
      text.append(" ".repeat(prefix.length() + caret - from)).append("^\n");
    }
    if (error.hint() != null) {
      text.append("hint: ").append(error.hint()).append('\n');
    }
    return text.toString();
  }
}
