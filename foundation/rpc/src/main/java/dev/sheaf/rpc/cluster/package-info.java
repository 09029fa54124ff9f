/**
 * Who is there and who owns what, as every process of a cluster sees it.
 *
 * <p>In: the entries {@code nodes/}, {@code drain/} and {@code shards/} of the coordination store.
 * Out: {@link dev.sheaf.rpc.cluster.NodeInfo} and {@link dev.sheaf.rpc.cluster.ShardFacts}. A
 * process announces itself by a {@link dev.sheaf.rpc.cluster.NodeRegistration} on its {@link
 * dev.sheaf.rpc.cluster.NodeLease}; readers hold a watched {@link
 * dev.sheaf.rpc.cluster.NodeRegistry} and {@link dev.sheaf.rpc.cluster.ShardMap}, both fed by a
 * {@link dev.sheaf.coordination.WatchedEntries}. {@link dev.sheaf.rpc.cluster.NodeInfo} and {@link
 * dev.sheaf.rpc.cluster.ShardKeys} document the values.
 */
@NullMarked
package dev.sheaf.rpc.cluster;

import org.jspecify.annotations.NullMarked;
