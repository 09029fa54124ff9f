package dev.sheaf.control.registry;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.regex.Pattern;

/**
 * What clients call a database: {@code [a-z][a-z0-9_-]{0,62}}, and for a branch the name of the
 * database at the root of its family, {@code @}, and {@code [a-z0-9][a-z0-9_-]{0,62}}. Anything
 * else is 22023.
 */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  private static final Pattern BRANCH = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
  private static final char SEPARATOR = '@';
  private static final int SHOWN_CHARS = 80;

  public DatabaseName {
    int at = value.indexOf(SEPARATOR);
    boolean valid =
        at < 0
            ? VALID.matcher(value).matches()
            : VALID.matcher(value.substring(0, at)).matches()
                && BRANCH.matcher(value.substring(at + 1)).matches();
    if (!valid) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "not a database name: " + printable(value))
          .withHint(
              "A name is 1 to 63 characters: a lower-case letter, then lower-case letters, digits,"
                  + " '_' or '-'. A branch of database shop is called shop@NAME.");
    }
  }

  /** Whether it is that of a branch. */
  public boolean isBranch() {
    return value.indexOf(SEPARATOR) >= 0;
  }

  /** A branch of the same family; 22023 if that is no name of a branch. */
  public DatabaseName branch(String branch) {
    String root = isBranch() ? value.substring(0, value.indexOf(SEPARATOR)) : value;
    if (!BRANCH.matcher(branch).matches()) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "not a name of a branch: " + printable(branch))
          .withHint(
              "A name is 1 to 63 characters: lower-case letters and digits, and behind the first"
                  + " also '_' or '-'.");
    }
    return new DatabaseName(root + SEPARATOR + branch);
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
