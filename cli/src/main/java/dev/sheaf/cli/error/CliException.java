package dev.sheaf.cli.error;

import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can understand: one line, perhaps a hint, and the exit code of the
 * command.
 */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String hint;
  private final int exitCode;

  public CliException(int exitCode, String message, @Nullable String hint) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }

  public @Nullable String hint() {
    return hint;
  }

  public int exitCode() {
    return exitCode;
  }
}
