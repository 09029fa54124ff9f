package dev.sheaf.cli.train;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Judges from a process's use of the processors, sampled at equal intervals, whether it has nothing
 * to do: it used less than a twentieth of one processor in each of the last few intervals. Not
 * thread-safe.
 */
final class Idleness {
  private static final int PART = 20;

  private final Duration quiet;
  private final int needed;
  private int found;
  private @Nullable Duration last;

  Idleness(Duration interval, int needed) {
    this.quiet = interval.dividedBy(PART);
    this.needed = needed;
  }

  /**
   * @param used since the process started
   */
  boolean after(Duration used) {
    found = last != null && used.minus(last).compareTo(quiet) < 0 ? found + 1 : 0;
    last = used;
    return found >= needed;
  }
}
