package dev.sheaf.objectstore.s3;

/**
 * A bucket of tokens: a retry takes one, a success puts a tenth back. While a store is sick,
 * retries are so bounded to a tenth of the calls, plus what the bucket held: more would keep it
 * sick. Thread-safe.
 */
final class RetryBudget {
  private static final int TENTHS = 10;

  private final int capacityTenths;
  private int tenths;

  /** A full bucket of so many retries. */
  RetryBudget(int retries) {
    this.capacityTenths = Math.multiplyExact(retries, TENTHS);
    this.tenths = capacityTenths;
  }

  /** Whether one more retry may be made; takes it. */
  synchronized boolean take() {
    if (tenths < TENTHS) {
      return false;
    }
    tenths -= TENTHS;
    return true;
  }

  synchronized void refill() {
    tenths = Math.min(capacityTenths, tenths + 1);
  }
}
