package dev.sheaf.cli.client;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.ErrorFlightMetadata;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.jspecify.annotations.Nullable;

/**
 * A statement's error as the server told it.
 *
 * @param sqlState five characters; 08006 when the connection itself failed
 * @param line 1-based line in the statement, 0 = unknown
 * @param column 1-based column, 0 = unknown
 */
public record SqlError(
    String sqlState, String message, @Nullable String hint, int line, int column) {
  private static final Pattern PREFIX = Pattern.compile("^\\[([0-9A-Z]{5})] ");
  private static final Pattern POSITION = Pattern.compile(" ?\\(line (\\d+), column (\\d+)\\)");
  private static final String HINT_MARK = "\nHINT: ";

  /** Reads trailers where there are any, else the fixed form of the message. */
  static SqlError of(FlightRuntimeException failure) {
    CallStatus status = failure.status();
    String text =
        status.description() == null ? String.valueOf(failure.getMessage()) : status.description();
    ErrorFlightMetadata trailers = status.metadata();
    String state = trailer(trailers, "x-sqlstate");
    Matcher prefix = PREFIX.matcher(text);
    if (prefix.find()) {
      state = prefix.group(1);
      text = text.substring(prefix.end());
    }
    String hint = trailer(trailers, "x-sheaf-hint");
    int hintAt = text.indexOf(HINT_MARK);
    if (hintAt >= 0) {
      hint = text.substring(hintAt + HINT_MARK.length());
      text = text.substring(0, hintAt);
    }
    int line = 0;
    int column = 0;
    Matcher position = POSITION.matcher(text);
    if (position.find()) {
      line = Integer.parseInt(position.group(1));
      column = Integer.parseInt(position.group(2));
      text = position.replaceFirst("");
    }
    return new SqlError(state == null ? stateOf(status) : state, text, hint, line, column);
  }

  private static @Nullable String trailer(@Nullable ErrorFlightMetadata trailers, String key) {
    return trailers == null || !trailers.containsKey(key) ? null : trailers.get(key);
  }

  private static String stateOf(CallStatus status) {
    FlightStatusCode code = status.code();
    if (code == FlightStatusCode.UNAVAILABLE) {
      return "08006";
    }
    return code == FlightStatusCode.CANCELLED || code == FlightStatusCode.TIMED_OUT
        ? "57014"
        : "XX000";
  }

  /** Whether the server could not be reached at all. */
  public boolean isConnectionFailure() {
    return sqlState.startsWith("08");
  }
}
