/**
 * Looks through all that a shard has stored. In: the object store and the end of the shard's log.
 * Out: findings, each with the object's name, and counts of what was looked at. Nothing is changed.
 *
 * <p>{@link dev.sheaf.pageserver.check.StoreCheck} goes from the manifests to what they name;
 * {@code DeleteVectorCheck} looks at the entries of delete vectors; {@code SegmentScan} reads one
 * segment from end to end; {@code VersionChains} merges a table's segments, to find rows that are
 * visible together though one supersedes the other. {@code Findings} and {@code Tally} collect.
 * {@link dev.sheaf.pageserver.check.StoppedShards} has it done where no page server runs.
 */
@NullMarked
package dev.sheaf.pageserver.check;

import org.jspecify.annotations.NullMarked;
