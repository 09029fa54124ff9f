package dev.sheaf.compute.sql;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/** Reads SQL text in PostgreSQL's dialect. Stateless and thread-safe. */
public final class SqlParser {
  private SqlParser() {}

  /**
   * Parses exactly one statement; a trailing semicolon is fine.
   *
   * @throws SheafException 42601 with the place; 0A000 for what Sheaf does not do; 54000 for text
   *     over 1 MiB; 54001 when it nests too deeply; 22021 for a NUL character
   */
  public static ParsedStatement parse(String sql) {
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "the parser is not there yet");
  }
}
