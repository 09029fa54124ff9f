package dev.sheaf.server;

import org.jspecify.annotations.Nullable;

/** Why the server does not start: one line for people, and the process's exit code. */
final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  StartFailure(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  StartFailure(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
