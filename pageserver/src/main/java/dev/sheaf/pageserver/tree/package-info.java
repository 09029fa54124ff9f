/**
 * One shard's LSM tree: memtables over segments, as immutable pictures of each moment.
 *
 * <p>{@link dev.sheaf.pageserver.tree.Tree} is the picture; {@link
 * dev.sheaf.pageserver.tree.Segment} opens a segment when it is first needed; {@link
 * dev.sheaf.pageserver.tree.KeyLookup} finds the version of one key; {@link
 * dev.sheaf.pageserver.tree.RangeLookup} finds what a scan has to read, and which segment rows the
 * memtables supersede.
 */
@NullMarked
package dev.sheaf.pageserver.tree;

import org.jspecify.annotations.NullMarked;
