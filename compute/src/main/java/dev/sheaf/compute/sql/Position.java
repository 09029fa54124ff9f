package dev.sheaf.compute.sql;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/** A place in the SQL text: line and column, both from 1; columns count UTF-16 units. */
public record Position(int line, int column) {
  /** Of nodes that no text stands for. */
  public static final Position UNKNOWN = new Position(0, 0);

  /** An error that points here. */
  public SheafException error(ErrorCode code, String message) {
    return new SheafException(code, message).at(line, column);
  }

  /** 0A000 that points here. */
  public SheafException unsupported(String construct) {
    return error(ErrorCode.FEATURE_NOT_SUPPORTED, construct + " is not supported");
  }
}
