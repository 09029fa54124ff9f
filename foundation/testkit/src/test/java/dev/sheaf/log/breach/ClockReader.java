package dev.sheaf.log.breach;

import java.time.Instant;

/** Reads the clock inside the log's state machines. */
public final class ClockReader {
  public Instant read() {
    return Instant.now();
  }
}
