/**
 * What a shard's owner does: for computes by {@link dev.sheaf.rpc.shard.ShardService}, for
 * operators by {@link dev.sheaf.rpc.shard.ShardInspection}.
 */
@NullMarked
package dev.sheaf.rpc.shard;

import org.jspecify.annotations.NullMarked;
