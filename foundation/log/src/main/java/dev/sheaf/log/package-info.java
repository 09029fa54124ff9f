/**
 * The replicated log's pure state machines. In: requests and replies of the protocol, and what the
 * shell around a machine observes. Out: changes to make durable, messages to send, positions that
 * became committed. No thread, clock, randomness or I/O of their own, so production and the
 * simulator run the same code.
 *
 * <p>It is Raft with the leader outside of the storage nodes and a history of terms instead of a
 * term in each record: {@link dev.sheaf.log.Acceptor} stands on each safekeeper, {@link
 * dev.sheaf.log.Proposer} with the shard's owner. {@link dev.sheaf.log.TermHistory} finds where two
 * logs part, {@link dev.sheaf.log.Configuration} knows the majorities, {@link
 * dev.sheaf.log.RecordFrame} lays out the records.
 */
@NullMarked
package dev.sheaf.log;

import org.jspecify.annotations.NullMarked;
