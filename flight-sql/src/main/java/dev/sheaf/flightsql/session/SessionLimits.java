package dev.sheaf.flightsql.session;

import java.time.Duration;

/**
 * Bounds on what clients can make the server keep.
 *
 * @param maxSessions sessions of the process; above it one that its client never named again gives
 *     way, else calls get 53300. Fewer than the engine allows, which knows no such difference
 * @param sessionIdle a session without calls for so long is closed
 * @param transactionIdle a transaction without statements for so long is rolled back (25P03)
 * @param maxPrepared prepared statements of a session; above it the least recently used one gives
 *     way. Less than the engine allows by what waits and runs
 * @param maxWaitingQueries results of a session not fetched yet; the oldest gives way
 * @param maxTransactions transactions by handle of a session; above it 53400
 * @param maxCalls calls of a session at once; above it 53400
 * @param openTimeout how long to wait for a database that has to wake up
 */
public record SessionLimits(
    int maxSessions,
    Duration sessionIdle,
    Duration transactionIdle,
    int maxPrepared,
    int maxWaitingQueries,
    int maxTransactions,
    int maxCalls,
    Duration openTimeout) {

  public static SessionLimits defaults() {
    return new SessionLimits(
        4_000,
        Duration.ofMinutes(30),
        Duration.ofMinutes(5),
        500,
        256,
        64,
        64,
        Duration.ofSeconds(30));
  }
}
