package dev.sheaf.server;

import dev.sheaf.protocol.error.ErrorKind;
import dev.sheaf.protocol.error.SheafException;
import java.io.PrintStream;
import java.net.BindException;

/** Tells why a start failed: one line for people, a number for programs, the rest for the log. */
final class StartFailures {
  private static final System.Logger LOG = System.getLogger(StartFailures.class.getName());
  private static final int MAX_CAUSES = 20;

  private StartFailures() {}

  static ExitCode report(Throwable error, PrintStream out) {
    Throwable cause = error;
    for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
      if (cause instanceof StartFailure failure) {
        out.println("error: " + failure.getMessage());
        return failure.exitCode();
      }
      if (cause instanceof SheafException failure && failure.code().kind() != ErrorKind.INTERNAL) {
        out.println("error: " + failure.sqlState() + ": " + failure.message());
        if (failure.hint() != null) {
          out.println("hint: " + failure.hint());
        }
        LOG.log(System.Logger.Level.INFO, "the start failed", error);
        return ExitCode.FAILED;
      }
      if (cause instanceof BindException) {
        out.println("error: a port cannot be listened on: " + cause.getMessage());
        return ExitCode.PORT_IN_USE;
      }
      cause = cause.getCause();
    }
    out.println("error: the server failed: " + error);
    error.printStackTrace(out);
    return ExitCode.FAILED;
  }
}
