package dev.sheaf.control.registry;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.regex.Pattern;

/** What clients call a database: {@code [a-z][a-z0-9_-]{0,62}}. Anything else is 22023. */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
  private static final int SHOWN_CHARS = 80;

  public DatabaseName {
    if (!VALID.matcher(value).matches()) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "not a database name: " + printable(value))
          .withHint(
              "A name is 1 to 63 characters: a lower-case letter, then lower-case letters, digits,"
                  + " '_' or '-'.");
    }
  }

  /** Quoted, without control or non-ASCII characters, of bounded length. */
  private static String printable(String text) {
    var shown = new StringBuilder("'");
    text.chars()
        .limit(SHOWN_CHARS)
        .forEach(c -> shown.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
    return shown.append(text.length() > SHOWN_CHARS ? "...'" : "'").toString();
  }

  @Override
  public int compareTo(DatabaseName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
