/**
 * How much history stays. In: a shard. Out: the timestamps at which it must stay readable, which
 * compaction keeps the versions of and below which reads are refused.
 *
 * <p>{@link dev.sheaf.pageserver.retain.Retention} is the port; {@link
 * dev.sheaf.pageserver.retain.WindowRetention} knows one window for all shards and no more.
 */
@NullMarked
package dev.sheaf.pageserver.retain;

import org.jspecify.annotations.NullMarked;
