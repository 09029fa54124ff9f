/**
 * Finds the page server that owns a shard. In: calls for shards. Out: the same calls to their
 * owners, repeated with the next owner as long as that is safe.
 *
 * <p>{@link dev.sheaf.compute.route.RoutedShards} decides what may be repeated; {@link
 * dev.sheaf.compute.route.ShardOwners} says where the owner is, from a watched copy of the
 * cluster's facts; {@code NodePool} keeps a connection and a guard per node; {@code RoutedView}
 * lets a read survive its page server until the first rows are out.
 */
@NullMarked
package dev.sheaf.compute.route;

import org.jspecify.annotations.NullMarked;
