package dev.sheaf.cli.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits SQL text at semicolons, aware of quotes, dollar quotes and comments. Pure.
 *
 * @param complete statements without their semicolon, blank ones left out
 * @param rest text after the last semicolon, "" if blank
 * @param open whether {@code rest} ends inside of a quote or comment
 */
public record Statements(List<Statement> complete, String rest, boolean open) {

  /**
   * @param line 1-based line of the text on which the statement begins
   */
  public record Statement(String sql, int line) {}

  public static Statements split(String text) {
    List<Statement> complete = new ArrayList<>();
    int start = 0;
    int at = 0;
    boolean open = false;
    while (at < text.length()) {
      if (text.charAt(at) == ';') {
        add(complete, text, start, at);
        start = ++at;
        continue;
      }
      int next = skip(text, at);
      if (next < 0) {
        open = true;
        break;
      }
      at = next;
    }
    String rest = text.substring(start);
    return new Statements(complete, isBlank(rest) && !open ? "" : rest, open);
  }

  private static void add(List<Statement> statements, String text, int start, int end) {
    String sql = text.substring(start, end);
    if (!isBlank(sql)) {
      int lead = sql.length() - sql.stripLeading().length();
      int line = 1 + (int) text.substring(0, start + lead).chars().filter(c -> c == '\n').count();
      statements.add(new Statement(sql.strip(), line));
    }
  }

  /** Whether there is nothing but space and comments. */
  static boolean isBlank(String sql) {
    int at = 0;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      boolean comment = sql.startsWith("--", at) || sql.startsWith("/*", at);
      if (!Character.isWhitespace(c) && !comment) {
        return false;
      }
      int next = comment ? skip(sql, at) : at + 1;
      if (next < 0) {
        return true;
      }
      at = next;
    }
    return true;
  }

  /** Position after the token at {@code at}; -1 if it is not ended. */
  private static int skip(String text, int at) {
    char c = text.charAt(at);
    if (c == '\'' || c == '"') {
      return after(text, String.valueOf(c), at + 1);
    }
    if (text.startsWith("--", at)) {
      int end = text.indexOf('\n', at);
      return end < 0 ? text.length() : end;
    }
    if (text.startsWith("/*", at)) {
      return afterComment(text, at);
    }
    if (c == '$') {
      String tag = dollarTag(text, at);
      return tag.isEmpty() ? at + 1 : after(text, tag, at + tag.length());
    }
    return at + 1;
  }

  private static int after(String text, String end, int from) {
    int found = text.indexOf(end, from);
    return found < 0 ? -1 : found + end.length();
  }

  private static int afterComment(String text, int at) {
    int depth = 0;
    for (int i = at; i + 1 < text.length(); ) {
      if (text.startsWith("/*", i)) {
        depth++;
        i += 2;
      } else if (text.startsWith("*/", i)) {
        depth--;
        i += 2;
        if (depth == 0) {
          return i;
        }
      } else {
        i++;
      }
    }
    return -1;
  }

  /** {@code $tag$} at the position, or "" ($1 is a parameter). */
  private static String dollarTag(String text, int at) {
    int i = at + 1;
    while (i < text.length()
        && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) {
      i++;
    }
    boolean tag =
        i < text.length()
            && text.charAt(i) == '$'
            && (i == at + 1 || !Character.isDigit(text.charAt(at + 1)));
    return tag ? text.substring(at, i + 1) : "";
  }
}
