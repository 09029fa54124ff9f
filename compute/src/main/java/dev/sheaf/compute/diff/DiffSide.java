package dev.sheaf.compute.diff;

import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.protocol.Timestamp;

/** One of the two states that are compared: a database at a moment. */
public record DiffSide(ShardAccess shard, Timestamp timestamp, Catalog catalog) {}
