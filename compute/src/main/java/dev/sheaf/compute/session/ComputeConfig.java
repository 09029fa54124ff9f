package dev.sheaf.compute.session;

import dev.sheaf.compute.transaction.TransactionLimits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Bounds and defaults of a compute.
 *
 * @param maxSessions open at once; 53300 beyond
 * @param maxTransactions open by handle per session; 53300 beyond
 * @param maxPrepared statements per session; 53400 beyond
 * @param maxRunning statements and unread results at once; 53300 beyond
 * @param admissionWaitMillis how long a statement waits for its turn
 * @param memoryBytes of all queries together
 * @param queryMemoryBytes default of query_memory_mb
 * @param parallelism tasks of one query at once
 * @param statementTimeoutMillis default of statement_timeout_ms, and what 0 (none) is capped to is
 *     {@code maxStatementMillis}
 * @param idleInTransactionMillis default of idle_in_transaction_timeout_ms
 * @param planCacheBytes of all sessions together
 * @param catalogCacheBytes of all databases together
 * @param importDirectory the only directory that COPY reads and writes; null = COPY with files is
 *     refused
 * @param spillDirectory for rows of queries that do not fit into their memory; null = such queries
 *     fail
 * @param spillBytes of all queries together there
 * @param version what VERSION() and SHOW server_version say
 */
public record ComputeConfig(
    int maxSessions,
    int maxTransactions,
    int maxPrepared,
    int maxRunning,
    long admissionWaitMillis,
    long memoryBytes,
    long queryMemoryBytes,
    int parallelism,
    long statementTimeoutMillis,
    long maxStatementMillis,
    long idleInTransactionMillis,
    long planCacheBytes,
    long catalogCacheBytes,
    TransactionLimits transactions,
    @Nullable Path importDirectory,
    @Nullable Path spillDirectory,
    long spillBytes,
    String version) {

  /** Defaults for a process that may use so much memory and so many threads for queries. */
  public static ComputeConfig defaults(long memoryBytes, int parallelism, String version) {
    return new ComputeConfig(
        10_000,
        64,
        1_000,
        Math.max(128, 8 * parallelism),
        1_000,
        memoryBytes,
        memoryBytes / 2,
        parallelism,
        30_000,
        24L * 3600 * 1000,
        300_000,
        32L << 20,
        16L << 20,
        TransactionLimits.DEFAULT,
        null,
        null,
        0,
        version);
  }

  /** The same with COPY allowed below a directory. */
  public ComputeConfig withImportDirectory(Path directory) {
    return new ComputeConfig(
        maxSessions,
        maxTransactions,
        maxPrepared,
        maxRunning,
        admissionWaitMillis,
        memoryBytes,
        queryMemoryBytes,
        parallelism,
        statementTimeoutMillis,
        maxStatementMillis,
        idleInTransactionMillis,
        planCacheBytes,
        catalogCacheBytes,
        transactions,
        directory,
        spillDirectory,
        spillBytes,
        version);
  }

  /** The same with rows on disk that do not fit into memory. */
  public ComputeConfig withSpill(Path directory, long bytes) {
    return new ComputeConfig(
        maxSessions,
        maxTransactions,
        maxPrepared,
        maxRunning,
        admissionWaitMillis,
        memoryBytes,
        queryMemoryBytes,
        parallelism,
        statementTimeoutMillis,
        maxStatementMillis,
        idleInTransactionMillis,
        planCacheBytes,
        catalogCacheBytes,
        transactions,
        importDirectory,
        directory,
        bytes,
        version);
  }

  /** The same with other bounds of transactions. */
  public ComputeConfig withTransactions(TransactionLimits limits) {
    return new ComputeConfig(
        maxSessions,
        maxTransactions,
        maxPrepared,
        maxRunning,
        admissionWaitMillis,
        memoryBytes,
        queryMemoryBytes,
        parallelism,
        statementTimeoutMillis,
        maxStatementMillis,
        idleInTransactionMillis,
        planCacheBytes,
        catalogCacheBytes,
        limits,
        importDirectory,
        spillDirectory,
        spillBytes,
        version);
  }
}
