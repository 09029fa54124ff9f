/**
 * The page server: shards in, answers for computes out.
 *
 * <p>{@link dev.sheaf.pageserver.serve.PageServer} opens shards when they are first used and hands
 * each request to its {@code OwnedShard}: {@code ShardOpener} takes the grant, wins the log and
 * replays it; {@code CommitPipeline} orders and applies commits; {@code BulkCommits} those of bulk
 * loads; {@code ShardReads} answers at a snapshot; {@code ShardFlusher} moves memtables to the
 * object store; {@code ShardHotPages} tells the next owner which pages are in use. They share a
 * {@code ShardState}.
 */
@NullMarked
package dev.sheaf.pageserver.serve;

import org.jspecify.annotations.NullMarked;
