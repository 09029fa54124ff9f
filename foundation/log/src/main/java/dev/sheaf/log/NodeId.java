package dev.sheaf.log;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.regex.Pattern;

/**
 * A safekeeper's stable id: where to reach it. What a log trusts is a {@link Member}: this node
 * with one particular journal.
 */
public record NodeId(String value) implements Comparable<NodeId> {
  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");

  public NodeId {
    if (!VALID.matcher(value).matches()) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "not a node id (lower-case letters, digits, dashes and dots): " + value);
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
