/**
 * The owner's rules, without threads, clocks or I/O: which commit may proceed, in which order
 * commits become visible, what became of a transaction. In: claims, timestamps, news from the log.
 * Out: who has to wait for whom, and what to apply next.
 *
 * <p>{@link dev.sheaf.pageserver.shard.CommitOrder} is the state machine; {@link
 * dev.sheaf.pageserver.shard.InFlight} one commit on its way; {@link
 * dev.sheaf.pageserver.shard.OutcomeTable} and {@link dev.sheaf.pageserver.shard.CatalogVersions}
 * remember.
 */
@NullMarked
package dev.sheaf.pageserver.shard;

import org.jspecify.annotations.NullMarked;
