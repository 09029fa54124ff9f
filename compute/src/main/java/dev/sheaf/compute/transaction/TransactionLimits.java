package dev.sheaf.compute.transaction;

/**
 * Bounds of one transaction.
 *
 * @param maxWriteBytes keys and rows that it may buffer; 54000 beyond
 * @param bulkBytes an autocommitted INSERT that buffered more than this becomes a bulk load
 * @param resolveMillis how long to ask for the outcome of a commit whose answer was lost
 */
public record TransactionLimits(long maxWriteBytes, long bulkBytes, long resolveMillis) {
  public static final TransactionLimits DEFAULT = new TransactionLimits(64L << 20, 4L << 20, 5_000);
}
