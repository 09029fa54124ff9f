package dev.sheaf.control.registry;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import java.util.regex.Pattern;

/**
 * What clients call a database: {@code [a-z][a-z0-9_-]{0,62}}, and for a branch the name of the
 * database at the root of its family, {@code @}, and {@code [a-z0-9][a-z0-9_-]{0,62}}. Anything
 * else is 22023.
 *
 * <p>A backup, to which nobody connects, is registered under the name of the database that it
 * belongs to, {@code ~}, and {@code [a-z0-9][a-z0-9_-]{0,62}}.
 */
public record DatabaseName(String value) implements Comparable<DatabaseName> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_-]{0,62}");

  private static final Pattern BRANCH = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
  private static final char SEPARATOR = '@';
  private static final char BACKUP = DatabaseDirectory.BACKUP_MARK;
  private static final int SHOWN_CHARS = 80;

  public DatabaseName {
    int mark = value.indexOf(BACKUP);
    String database = mark < 0 ? value : value.substring(0, mark);
    int at = database.indexOf(SEPARATOR);
    boolean valid =
        at < 0
            ? VALID.matcher(database).matches()
            : VALID.matcher(database.substring(0, at)).matches()
                && BRANCH.matcher(database.substring(at + 1)).matches();
    if (!valid || !(mark < 0 || BRANCH.matcher(value.substring(mark + 1)).matches())) {
      throw invalid(value);
    }
  }

  /** What a client calls a database; 22023 if that is no such name, or a backup's. */
  public static DatabaseName ofDatabase(String text) {
    if (text.indexOf(BACKUP) >= 0) {
      throw invalid(text);
    }
    return new DatabaseName(text);
  }

  private static SheafException invalid(String value) {
    return new SheafException(
            ErrorCode.INVALID_PARAMETER_VALUE, "not a database name: " + printable(value))
        .withHint(
            "A name is 1 to 63 characters: a lower-case letter, then lower-case letters, digits,"
                + " '_' or '-'. A branch of database shop is called shop@NAME.");
  }

  /** Whether it is that of a branch. */
  public boolean isBranch() {
    return !isBackup() && value.indexOf(SEPARATOR) >= 0;
  }

  /** Whether it is that of a backup. */
  public boolean isBackup() {
    return value.indexOf(BACKUP) >= 0;
  }

  /** Of a backup: the name of the database that it belongs to. Else itself. */
  public DatabaseName database() {
    return isBackup() ? new DatabaseName(value.substring(0, value.indexOf(BACKUP))) : this;
  }

  /** What comes last: of a backup its own name, of a branch that without the family's part. */
  public String last() {
    return value.substring(Math.max(value.indexOf(BACKUP), value.indexOf(SEPARATOR)) + 1);
  }

  /** For errors: what it is, and its name. */
  public String described() {
    return isBackup()
        ? "backup \"" + last() + "\" of database \"" + database() + "\""
        : "database \"" + value + "\"";
  }

  /** A backup of the database of this name; 22023 if that is no name of a backup. */
  public DatabaseName backup(String backup) {
    checkPart("backup", backup);
    return new DatabaseName(value + BACKUP + backup);
  }

  /** A branch of the same family; 22023 if that is no name of a branch. */
  public DatabaseName branch(String branch) {
    String root = isBranch() ? value.substring(0, value.indexOf(SEPARATOR)) : value;
    checkPart("branch", branch);
    return new DatabaseName(root + SEPARATOR + branch);
  }

  private static void checkPart(String what, String name) {
    if (!BRANCH.matcher(name).matches()) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "not a name of a " + what + ": " + printable(name))
          .withHint(
              "A name is 1 to 63 characters: lower-case letters and digits, and behind the first"
                  + " also '_' or '-'.");
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
