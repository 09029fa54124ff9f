/**
 * The proposer's shell. In: records that the shard's owner wants durable. Out: their positions,
 * once a majority of safekeepers has them fsynced, and at start the records that were ever
 * committed.
 *
 * <p>{@link dev.sheaf.pageserver.log.ShardLog} is what the owner sees; {@link
 * dev.sheaf.pageserver.log.QuorumLogFactory} makes them. {@code QuorumShardLog} feeds the pure
 * {@link dev.sheaf.log.Proposer} and carries out its effects, {@code SafekeeperCalls} talks to the
 * safekeepers, {@code LogReplay} reads records back, {@code PendingAppends} holds the promises,
 * {@code EffectQueue} keeps what a step wants done in order. {@link
 * dev.sheaf.pageserver.log.LogMembers} keeps in coordination who the safekeepers are, {@code
 * MemberChanges} stores the steps of a change. {@link dev.sheaf.pageserver.log.ForwardingShardLog}
 * is the base of logs that look on.
 */
@NullMarked
package dev.sheaf.pageserver.log;

import org.jspecify.annotations.NullMarked;
