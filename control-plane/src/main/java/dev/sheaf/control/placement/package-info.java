/**
 * Who should own what: pure functions.
 *
 * <p>In: {@link dev.sheaf.control.placement.Observed}, the nodes and shards as they were seen at
 * one moment. Out: the {@link dev.sheaf.control.placement.Move}s that bring the assignment to where
 * it should be, few and safe to make one by one ({@link dev.sheaf.control.placement.Placement}),
 * and for a new shard the members of its log ({@link
 * dev.sheaf.control.placement.SafekeeperChoice}). Nothing here reads a clock or talks to anybody.
 */
@NullMarked
package dev.sheaf.control.placement;

import org.jspecify.annotations.NullMarked;
