package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Sends a request until it has a good answer, a definite refusal, or has used up its attempts, its
 * time or the common budget. Bounds the requests under way. Only for requests that may be carried
 * out twice. Thread-safe, blocking.
 */
final class S3Retries {
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);

  private final S3Limits limits;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;
  private final Semaphore permits;
  private final RetryBudget budget;
  private final LongAdder attempts = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /** One attempt. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws S3Failure;
  }

  /**
   * @param random thread-safe
   * @param nanoTime monotonic
   */
  S3Retries(S3Limits limits, RandomGenerator random, LongSupplier nanoTime) {
    this.limits = limits;
    this.random = random;
    this.nanoTime = nanoTime;
    this.permits = new Semaphore(limits.maxRequests(), true);
    this.budget = new RetryBudget(limits.retryBudget());
  }

  /**
   * @throws S3Failure the last attempt's; with {@code mayHaveHappened} an earlier one of the same
   *     call may have been carried out too
   */
  <T> T call(Attempt<T> attempt) throws S3Failure {
    long start = nanoTime.getAsLong();
    for (int tries = 1; ; tries++) {
      try {
        T answer = once(attempt);
        budget.refill();
        return answer;
      } catch (S3Failure e) {
        if (e.isRefusal()) {
          budget.refill();
        }
        long pauseNanos = pauseNanos(tries);
        long spentNanos = nanoTime.getAsLong() - start;
        if (!e.isWorthRetrying()
            || tries >= limits.maxAttempts()
            || spentNanos + pauseNanos > limits.retryFor().toNanos()
            || !budget.take()) {
          if (!e.isRefusal()) {
            failures.increment();
          }
          throw e;
        }
        retries.increment();
        pause(pauseNanos, e);
      }
    }
  }

  private <T> T once(Attempt<T> attempt) throws S3Failure {
    try {
      if (!permits.tryAcquire(limits.retryFor().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new S3Failure(
            Kind.CROWDED, limits.maxRequests() + " requests were under way all the time");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    attempts.increment();
    try {
      return attempt.run();
    } finally {
      permits.release();
    }
  }

  S3Counts counts() {
    return new S3Counts(attempts.sum(), retries.sum(), failures.sum());
  }

  /** Full jitter: callers that failed together come back apart. */
  private long pauseNanos(int tries) {
    long ceiling =
        Math.min(MAX_BACKOFF.toNanos(), limits.backoff().toNanos() << Math.min(tries - 1, 10));
    return ceiling <= 0 ? 0 : random.nextLong(ceiling);
  }

  private static void pause(long nanos, S3Failure why) throws S3Failure {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      S3Failure interrupted = interrupted(e);
      interrupted.addSuppressed(why);
      throw interrupted;
    }
  }

  private static S3Failure interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new S3Failure(Kind.INTERRUPTED, "interrupted while waiting to send a request", e);
  }
}
