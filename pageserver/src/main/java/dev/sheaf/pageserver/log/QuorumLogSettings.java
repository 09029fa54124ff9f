package dev.sheaf.pageserver.log;

import dev.sheaf.log.Proposer;

/**
 * @param limits sizes of batches and buffers
 * @param requestTimeoutMillis after this long without an answer a safekeeper counts as away
 * @param commitTimeoutMillis after this long without a majority for a record the log fails: what
 *     waits is answered 40003 and only a new term can tell its outcome
 * @param firstRetryMillis pause before a safekeeper that is away is asked again; doubles
 * @param lastRetryMillis the pause's upper bound
 */
public record QuorumLogSettings(
    Proposer.Limits limits,
    long requestTimeoutMillis,
    long commitTimeoutMillis,
    long firstRetryMillis,
    long lastRetryMillis) {
  public static final QuorumLogSettings DEFAULT =
      new QuorumLogSettings(Proposer.Limits.DEFAULT, 5_000, 20_000, 20, 1_000);

  /** After this long without a majority for a record, no further one is taken (25006). */
  long refusalMillis() {
    return commitTimeoutMillis / 4;
  }
}
