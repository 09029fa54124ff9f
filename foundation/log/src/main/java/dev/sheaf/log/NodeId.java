package dev.sheaf.log;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.regex.Pattern;

/**
 * A safekeeper's stable id. It names the disk, not the process: a safekeeper that lost its disk has
 * lost votes and acknowledged records, and must come back under a new id.
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
