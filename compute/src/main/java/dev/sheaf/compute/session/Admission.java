package dev.sheaf.compute.session;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Bounds the statements that run, and the results that are open, at once. Thread-safe. */
final class Admission {
  private final Semaphore places;
  private final int limit;
  private final long waitMillis;

  Admission(int limit, long waitMillis) {
    this.places = new Semaphore(limit, true);
    this.limit = limit;
    this.waitMillis = waitMillis;
  }

  /** Takes a place, or fails with 53300. The result gives it back, once. */
  Place enter() {
    try {
      if (!places.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
        throw new SheafException(
                ErrorCode.TOO_MANY_CONNECTIONS,
                "too many statements at once: " + limit + " are running or have unread results")
            .withHint("Close results that are not read to the end, or try again later.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while waiting to run", e);
    }
    return new Place(places);
  }

  static final class Place implements AutoCloseable {
    private final Semaphore places;
    private final AtomicBoolean left = new AtomicBoolean();

    private Place(Semaphore places) {
      this.places = places;
    }

    @Override
    public void close() {
      if (left.compareAndSet(false, true)) {
        places.release();
      }
    }
  }
}
