/**
 * From memory to the object store. In: a memtable that takes no more versions. Out: segments,
 * delete vectors of what it superseded, a manifest, and room in the log and in memory.
 *
 * <p>{@link dev.sheaf.pageserver.flush.FlushJob} writes one memtable; {@code TableDraft} one of its
 * segments; {@link dev.sheaf.pageserver.flush.MemtableBudget} bounds the memtables of all shards.
 */
@NullMarked
package dev.sheaf.pageserver.flush;

import org.jspecify.annotations.NullMarked;
