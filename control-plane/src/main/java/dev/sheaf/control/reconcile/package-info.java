/**
 * Brings databases and shards from the state they are in to the one they should be in.
 *
 * <p>In: requests to create and delete, the registry as a former process left it, and in a cluster
 * the nodes and shards as they are seen. Out: calls to a {@link dev.sheaf.rpc.control.ShardHost},
 * the registry's records moved on, and the shards' assignments. Each step can be repeated, so an
 * interrupted one is done again: by the next pass, or by the next process. {@link
 * dev.sheaf.control.reconcile.DatabaseLifecycle} knows the steps, {@code Attempts} when to try
 * again, {@link dev.sheaf.control.reconcile.Operation} tells callers.
 *
 * <p>In a cluster {@link dev.sheaf.control.reconcile.ClusterController} runs this on the leader:
 * {@link dev.sheaf.control.reconcile.ShardAssigner} writes down who should own what, and {@link
 * dev.sheaf.control.reconcile.ClusterShardHost} waits for what comes of it.
 */
@NullMarked
package dev.sheaf.control.reconcile;

import org.jspecify.annotations.NullMarked;
