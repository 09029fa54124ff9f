package dev.sheaf.flightsql.session;

import java.util.Locale;

/** Looks at the head of an SQL text, past comments. Pure. */
final class FirstWord {
  private FirstWord() {}

  /** The first word in lower case; empty if the text does not begin with one. */
  static String of(String sql) {
    int start = skipBlank(sql, 0);
    int end = start;
    while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
      end++;
    }
    return sql.substring(start, end).toLowerCase(Locale.ROOT);
  }

  /** {@code ROLLBACK [WORK | TRANSACTION] TO ...}, which leaves the transaction open. */
  static boolean isRollbackToSavepoint(String sql) {
    String text = sql.substring(skipBlank(sql, 0)).toLowerCase(Locale.ROOT);
    return text.matches("(?s)rollback(\\s+(work|transaction))?\\s+to\\b.*");
  }

  private static int skipBlank(String sql, int from) {
    int at = from;
    while (at < sql.length()) {
      if (Character.isWhitespace(sql.charAt(at))) {
        at++;
      } else if (sql.startsWith("--", at)) {
        int end = sql.indexOf('\n', at);
        at = end < 0 ? sql.length() : end + 1;
      } else if (sql.startsWith("/*", at)) {
        int end = sql.indexOf("*/", at + 2);
        at = end < 0 ? sql.length() : end + 2;
      } else {
        return at;
      }
    }
    return at;
  }
}
