/**
 * Few segments out of many. In: a shard's segments with their delete vectors, and the timestamps
 * that must stay readable. Out: segments in their place, without the rows that no such timestamp
 * sees, and with superseded rows apart from live ones, so that a scan of the present does not meet
 * them.
 *
 * <p>{@link dev.sheaf.pageserver.compact.DroppedTables} knows whose rows nobody can ask for. {@link
 * dev.sheaf.pageserver.compact.CompactionPlanner} chooses jobs and knows nothing but what a
 * manifest tells; {@link dev.sheaf.pageserver.compact.CompactionRun} does one: {@code MergeRows}
 * walks the inputs' rows in order, {@code MergeOutput} writes them. Rows that are superseded
 * meanwhile are carried over by {@link dev.sheaf.pageserver.compact.CarryOver}.
 */
@NullMarked
package dev.sheaf.pageserver.compact;

import org.jspecify.annotations.NullMarked;
