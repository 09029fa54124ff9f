package dev.sheaf.server;

/** How the process ends, for whoever started it. */
public enum ExitCode {
  /** Stopped as asked: everything acknowledged is durable. */
  OK(0),
  /** Something went wrong that has no code of its own; the log says what. */
  FAILED(1),
  /** A setting is unknown or has a wrong value. */
  BAD_CONFIGURATION(2),
  /** The data folder is held by another process, is not ours, is newer or cannot be written. */
  DATA_FOLDER(3),
  /** A port is taken. */
  PORT_IN_USE(4),
  /** The disk failed while running: the process ended at once, so as not to acknowledge more. */
  DISK_FAILED(5);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
