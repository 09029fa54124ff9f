package dev.sheaf.log;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An acceptor as a log's configuration trusts it: a safekeeper with one particular journal.
 *
 * <p>A safekeeper that lost its journal has lost votes and acknowledged records. It begins a new
 * journal with another incarnation, so it is no member any more although its node still is named:
 * its votes and acknowledgements count for nothing until a change of members puts the new
 * incarnation in the old one's place. For the protocol it is as if one acceptor had failed for good
 * and another one, empty, had come.
 *
 * @param node where to reach it
 * @param incarnation random id of its journal; {@link #NOT_ADMITTED} counts for nothing
 */
public record Member(NodeId node, long incarnation) implements Comparable<Member> {
  /** Of a node that could not be asked when it was named: it is admitted by a change later. */
  public static final long NOT_ADMITTED = 0;

  private static final Pattern TEXT = Pattern.compile("([^:]+):([0-9a-f]{1,16})");

  public boolean isAdmitted() {
    return incarnation != NOT_ADMITTED;
  }

  /** The reverse of {@link #toString}; 22023 for any other text. */
  public static Member parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "not a member of a log (node:incarnation): " + text);
    }
    return new Member(new NodeId(matcher.group(1)), Long.parseUnsignedLong(matcher.group(2), 16));
  }

  /** By node: a configuration names each once. */
  @Override
  public int compareTo(Member other) {
    return node.compareTo(other.node);
  }

  /** {@code node:incarnation}, the latter in hexadecimal. */
  @Override
  public String toString() {
    return node + ":" + Long.toHexString(incarnation);
  }
}
