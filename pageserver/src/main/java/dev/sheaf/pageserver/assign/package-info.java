/**
 * A page server among others. In: the shards' assignments and the nodes, as they are watched. Out:
 * shards opened, handed over and deleted on this node's {@link
 * dev.sheaf.pageserver.serve.PageServer}, and the members of their logs.
 *
 * <p>{@link dev.sheaf.pageserver.assign.WatchedAssignments} says what may be opened here, {@link
 * dev.sheaf.pageserver.assign.ShardAgent} does what is due, shard by shard, {@link
 * dev.sheaf.pageserver.assign.ShardRemoval} deletes what is stored of one, and {@link
 * dev.sheaf.pageserver.assign.LostSafekeepers} puts other safekeepers into the logs of those served
 * here when some stay away.
 */
@NullMarked
package dev.sheaf.pageserver.assign;

import org.jspecify.annotations.NullMarked;
