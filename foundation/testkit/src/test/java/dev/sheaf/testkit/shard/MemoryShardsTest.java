package dev.sheaf.testkit.shard;

import dev.sheaf.rpc.shard.ShardService;

final class MemoryShardsTest extends ShardServiceContract {
  private final MemoryShards shards =
      new MemoryShards(SHARD, new MemoryShard(System::currentTimeMillis));

  @Override
  protected ShardService service() {
    return shards;
  }
}
