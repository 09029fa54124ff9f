package dev.sheaf.cli.error;

/** What the commands answer to the shell that called them. */
public final class ExitCode {
  public static final int OK = 0;

  /** A statement or request was refused. */
  public static final int FAILED = 1;

  /** The command line is wrong, or the server cannot be reached. */
  public static final int USAGE = 2;

  private ExitCode() {}
}
