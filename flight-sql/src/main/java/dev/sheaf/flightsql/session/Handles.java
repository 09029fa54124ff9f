package dev.sheaf.flightsql.session;

import com.google.protobuf.ByteString;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The opaque names under which clients hold tickets, prepared statements and transactions. They are
 * capabilities, so they are sealed and say which session they belong to.
 *
 * <pre>
 * | version u8 = 1 | kind u8 | session id 16 bytes | number u64 | seal over the 26 bytes before, 16 bytes |
 * </pre>
 *
 * Thread-safe.
 */
public final class Handles {
  private static final int VERSION = 1;
  private static final int CONTENT_BYTES = 1 + 1 + SessionId.BYTES + 8;
  private static final String PURPOSE = "handle";

  private final Seal seal;

  public Handles(Seal seal) {
    this.seal = seal;
  }

  /** What a handle names. The order is part of the layout. */
  public enum Kind {
    /** A query that waits for its DoGet. */
    QUERY("query result"),
    /** The empty result of a statement that has already run. */
    DONE("query result"),
    PREPARED("prepared statement"),
    TRANSACTION("transaction");

    private final String noun;

    Kind(String noun) {
      this.noun = noun;
    }

    /** As users call it. */
    public String noun() {
      return noun;
    }
  }

  /**
   * A handle as decoded.
   *
   * @param number within its session and kind
   */
  public record Handle(Kind kind, SessionId session, long number) {}

  public ByteString encode(Handle handle) {
    ByteBuffer out = ByteBuffer.allocate(CONTENT_BYTES);
    out.put((byte) VERSION).put((byte) handle.kind().ordinal());
    handle.session().write(out);
    out.putLong(handle.number());
    return ByteString.copyFrom(out.array())
        .concat(ByteString.copyFrom(seal.of(PURPOSE, out.array())));
  }

  /**
   * The inverse. Forged, garbled and unknown handles look the same to a client.
   *
   * @throws SheafException 26000 unless this server made the handle
   */
  public Handle decode(ByteString bytes, Kind expected) {
    Handle handle = open(bytes, expected);
    if (handle.kind() != expected) {
      throw unknown(expected);
    }
    return handle;
  }

  /** A ticket: {@link Kind#QUERY} or {@link Kind#DONE}. */
  public Handle decodeTicket(ByteString bytes) {
    Handle handle = open(bytes, Kind.QUERY);
    return switch (handle.kind()) {
      case QUERY, DONE -> handle;
      case PREPARED, TRANSACTION -> throw unknown(Kind.QUERY);
    };
  }

  private Handle open(ByteString bytes, Kind expected) {
    if (bytes.size() != CONTENT_BYTES + Seal.BYTES) {
      throw unknown(expected);
    }
    byte[] all = bytes.toByteArray();
    byte[] content = Arrays.copyOf(all, CONTENT_BYTES);
    if (!seal.verifies(PURPOSE, content, Arrays.copyOfRange(all, CONTENT_BYTES, all.length))
        || content[0] != VERSION) {
      throw unknown(expected);
    }
    ByteBuffer in = ByteBuffer.wrap(content, 1, CONTENT_BYTES - 1);
    Kind kind = Kind.values()[in.get()];
    return new Handle(kind, SessionId.read(in), in.getLong());
  }

  /** The error for a handle that names nothing. */
  public static SheafException unknown(Kind kind) {
    if (kind == Kind.TRANSACTION) {
      return new SheafException(
              ErrorCode.NO_ACTIVE_SQL_TRANSACTION, "there is no such transaction in this session")
          .withHint("It has ended, was rolled back when idle, or belongs to another session.");
    }
    return new SheafException(
            ErrorCode.INVALID_SQL_STATEMENT_NAME,
            "there is no such " + kind.noun() + " in this session")
        .withHint("It was used up, closed or expired, or belongs to another session.");
  }
}
