package dev.sheaf.rpc.guard;

/**
 * Keeps repetitions to a share of what succeeds, so that many callers who repeat do not keep down a
 * target that was down for a moment: each success earns a part of a token, each repetition spends
 * one (M. Brooker, "Fixing retries with token buckets"). Thread-safe.
 */
public final class RetryBudget {
  private final double perSuccess;
  private final double most;
  private double tokens;

  /**
   * @param perSuccess tokens that a success earns
   * @param most tokens that can be saved up; as many are there at the beginning
   */
  public RetryBudget(double perSuccess, double most) {
    this.perSuccess = perSuccess;
    this.most = most;
    this.tokens = most;
  }

  public synchronized void succeeded() {
    tokens = Math.min(most, tokens + perSuccess);
  }

  /** Takes a token, if there is one. */
  public synchronized boolean trySpend() {
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
