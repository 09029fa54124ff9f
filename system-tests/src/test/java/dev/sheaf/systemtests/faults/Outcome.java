package dev.sheaf.systemtests.faults;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How one transaction of a client ended.
 *
 * @param endNanos when the client knew
 * @param sqlState empty for a committed one; 08006 when the connection broke
 * @param error as the client saw it
 */
record Outcome(long beginNanos, long endNanos, String sqlState, String error) {
  static final String BROKEN = "08006";
  static final String CONFLICT = "40001";
  static final String UNKNOWN = "40003";
  private static final Pattern STATE = Pattern.compile("\\[([0-9A-Z]{5})]");

  static Outcome committed(long beginNanos, long endNanos) {
    return new Outcome(beginNanos, endNanos, "", "");
  }

  static Outcome failed(long beginNanos, long endNanos, SQLException error) {
    return new Outcome(beginNanos, endNanos, stateOf(error), error.toString());
  }

  boolean isCommitted() {
    return sqlState.isEmpty();
  }

  /** Something else than a conflict, which is the application's to repeat. */
  boolean isFailure() {
    return !isCommitted() && !sqlState.equals(CONFLICT);
  }

  static String stateOf(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      Matcher state = STATE.matcher(String.valueOf(cause.getMessage()));
      if (state.find()) {
        return state.group(1);
      }
    }
    return BROKEN;
  }
}
