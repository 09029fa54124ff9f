package dev.sheaf.protocol.error;

import org.jspecify.annotations.Nullable;

/**
 * The one exception type of Sheaf: a code, a message for the user, and optionally a hint and the
 * position in the SQL text (1-based line and column; 0 = unknown).
 *
 * <p>Immutable. Mapped once, at each edge, to SQLSTATE, Flight status or HTTP problem.
 */
public final class SheafException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable String hint;
  private final int line;
  private final int column;

  public SheafException(ErrorCode code, String message) {
    this(code, message, null, 0, 0, null);
  }

  public SheafException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, null, 0, 0, cause);
  }

  private SheafException(
      ErrorCode code,
      String message,
      @Nullable String hint,
      int line,
      int column,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.hint = hint;
    this.line = line;
    this.column = column;
  }

  /** The same error with a sentence that tells the user what to do. */
  public SheafException withHint(String newHint) {
    return copy(newHint, line, column);
  }

  /** The same error with a 1-based position in the SQL text. */
  public SheafException at(int newLine, int newColumn) {
    return copy(hint, newLine, newColumn);
  }

  private SheafException copy(@Nullable String newHint, int newLine, int newColumn) {
    var copy = new SheafException(code, message(), newHint, newLine, newColumn, getCause());
    copy.setStackTrace(getStackTrace());
    return copy;
  }

  public ErrorCode code() {
    return code;
  }

  public String sqlState() {
    return code.sqlState();
  }

  /** The message, never null. */
  public String message() {
    String message = getMessage();
    return message == null ? code.name() : message;
  }

  public @Nullable String hint() {
    return hint;
  }

  /** 1-based line in the SQL text, 0 if unknown. */
  public int line() {
    return line;
  }

  /** 1-based column in the SQL text, 0 if unknown. */
  public int column() {
    return column;
  }
}
