package dev.sheaf.compute.storage;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.shard.ShardService;

/** A shard, its owner's service, and the way to its segments. */
public record ShardAccess(ShardService service, ShardId shard, SegmentOpener segments) {}
