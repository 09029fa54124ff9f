/**
 * Row versions in memory. In: committed writes in log order. Out: versions by key and timestamp.
 *
 * <p>{@link dev.sheaf.pageserver.memtable.Memtable} holds them; {@link
 * dev.sheaf.pageserver.memtable.VersionCursor} walks one or several in key order; {@link
 * dev.sheaf.pageserver.memtable.TailSource} turns the rows visible at a snapshot into batches, in
 * key order. Scans of whole tables need no order: {@link dev.sheaf.pageserver.memtable.BlockSource}
 * reads the {@link dev.sheaf.pageserver.memtable.VersionBlock}s of the table, whose columns are
 * decoded once.
 */
@NullMarked
package dev.sheaf.pageserver.memtable;

import org.jspecify.annotations.NullMarked;
