package dev.sheaf.pageserver.oracle;

import dev.sheaf.protocol.Timestamp;
import java.util.Optional;

/**
 * Draws strictly increasing timestamps below a window that has been made durable.
 *
 * <p>A timestamp follows the wall clock where it can and the previous timestamp where it must: a
 * clock that stands still or jumps back only makes the logical part grow (it carries into the
 * milliseconds). A successor begins at the durable window, which is above everything drawn here.
 * The rules are PD's (tikv/pd, pkg/tso). Pure; not thread-safe.
 */
public final class TimestampOracle {
  /** How far ahead a window reaches. */
  public static final long WINDOW_MILLIS = 5_000;

  /** The year 2527: a clock beyond it is not believed, so that no sum can overflow. */
  private static final long GREATEST_MILLIS = 1L << 44;

  private long last;
  private long window;

  /**
   * @param above nothing at or below it will be drawn: the predecessor's window
   */
  public TimestampOracle(Timestamp above) {
    this.last = above.value();
    this.window = above.value();
  }

  /** The next timestamp; empty when the window must be {@linkplain #extended extended} first. */
  public Optional<Timestamp> draw(long wallMillis) {
    long next = Math.max(last + 1, physical(wallMillis));
    if (next >= window) {
      return Optional.empty();
    }
    last = next;
    return Optional.of(new Timestamp(next));
  }

  /** Whether it is time to extend the window, before a draw has to wait for it. */
  public boolean isRunningLow(long wallMillis) {
    long position = Math.max(last, physical(wallMillis));
    return window - position < Timestamp.ofMillis(WINDOW_MILLIS / 2).value();
  }

  /** The bound to make durable next. Always above the present window when that is running low. */
  public Timestamp nextWindow(long wallMillis) {
    long position = Math.max(last, physical(wallMillis));
    return new Timestamp(position + Timestamp.ofMillis(WINDOW_MILLIS).value());
  }

  /** The bound is durable: everything below it may be drawn. */
  public void extended(Timestamp bound) {
    window = Math.max(window, bound.value());
  }

  /** The greatest timestamp drawn, or that of the constructor. */
  public Timestamp last() {
    return new Timestamp(last);
  }

  private static long physical(long wallMillis) {
    return Timestamp.ofMillis(Math.clamp(wallMillis, 0, GREATEST_MILLIS)).value();
  }
}
