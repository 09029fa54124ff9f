package dev.sheaf.protocol;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.regex.Pattern;

/**
 * A database's stable id: lower-case letters, digits and dashes. A name may be reused, an id never
 * is.
 */
public record DatabaseId(String value) implements Comparable<DatabaseId> {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  public DatabaseId {
    if (!VALID.matcher(value).matches()) {
      throw new SheafException(ErrorCode.INVALID_CATALOG_NAME, "not a database id: " + value);
    }
  }

  @Override
  public int compareTo(DatabaseId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
