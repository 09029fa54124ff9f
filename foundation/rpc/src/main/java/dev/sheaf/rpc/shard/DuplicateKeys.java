package dev.sheaf.rpc.shard;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * How 23505 carries the offending table key from the owner, which knows only bytes, to the compute,
 * which knows the columns: as hexadecimal at the message's end.
 */
public final class DuplicateKeys {
  private static final String MARK = " key=";

  private DuplicateKeys() {}

  public static SheafException of(byte[] key) {
    return new SheafException(
        ErrorCode.UNIQUE_VIOLATION,
        "duplicate key value violates unique constraint" + MARK + HexFormat.of().formatHex(key));
  }

  /** The key, if the error is a duplicate key as {@link #of} makes it. */
  public static Optional<byte[]> keyOf(SheafException error) {
    int at = error.message().lastIndexOf(MARK);
    return error.code() == ErrorCode.UNIQUE_VIOLATION && at >= 0
        ? Optional.of(HexFormat.of().parseHex(error.message().substring(at + MARK.length())))
        : Optional.empty();
  }
}
