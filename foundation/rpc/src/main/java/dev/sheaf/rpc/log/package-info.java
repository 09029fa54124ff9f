/**
 * What a safekeeper does for the owners of shards. In: the log protocol's requests, and reads of
 * the log. Out: its replies, each durable before it is given. {@link
 * dev.sheaf.rpc.log.SafekeeperService} is the seam; {@code grpc} beside it carries it between
 * processes.
 */
@NullMarked
package dev.sheaf.rpc.log;

import org.jspecify.annotations.NullMarked;
