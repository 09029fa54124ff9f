package dev.sheaf.compute.transaction;

import java.time.Instant;

/** The clocks. Thread-safe. */
public interface TimeSource {
  /** Monotonic, see {@link System#nanoTime()}. */
  long nanoTime();

  Instant now();

  /** Waits; returns early when the thread is interrupted, and leaves it interrupted. */
  void sleepMillis(long millis);

  /** The clocks of this machine. */
  TimeSource SYSTEM =
      new TimeSource() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public void sleepMillis(long millis) {
          try {
            Thread.sleep(millis);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
      };
}
