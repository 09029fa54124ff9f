/**
 * Doubles of the page server. {@link dev.sheaf.testkit.shard.ShardServiceContract} is what every
 * shard service, near or far, must do; {@link dev.sheaf.testkit.shard.MemoryShards} does it without
 * a log and without an object store, and can be told to fail.
 */
@NullMarked
package dev.sheaf.testkit.shard;

import org.jspecify.annotations.NullMarked;
