package dev.sheaf.pageserver.serve;

import java.util.concurrent.Semaphore;

/**
 * What the shards of a page server share. Thread-safe.
 *
 * @param bulkSlots of which every bulk load holds one
 */
record PageServerShares(Semaphore bulkSlots, CompactionPool compactions, StoreTotals totals) {}
