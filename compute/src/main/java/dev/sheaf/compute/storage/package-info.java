/**
 * What statements read. In: a table, columns, a key range or keys, a snapshot and the transaction's
 * own writes. Out: batches.
 *
 * <p>{@link dev.sheaf.compute.storage.ShardStorage} opens a view at the shard's owner and cuts it
 * into splits ({@code ShardScan}): row ranges of immutable segments ({@code SegmentRows}, skipped
 * by {@code ZonePruner} where zone maps rule matches out), the owner's fresh tail ({@code
 * TailRows}) and rows that the transaction wrote itself ({@code OwnRows}).
 */
@NullMarked
package dev.sheaf.compute.storage;

import org.jspecify.annotations.NullMarked;
