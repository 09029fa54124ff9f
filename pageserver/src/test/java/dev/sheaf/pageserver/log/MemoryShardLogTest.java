package dev.sheaf.pageserver.log;

final class MemoryShardLogTest extends ShardLogContract {
  private final MemoryShardLog.Store store = new MemoryShardLog.Store(PENDING_LIMIT_BYTES);

  @Override
  ShardLog newLog() {
    return new MemoryShardLog(store);
  }

  @Override
  void loseQuorum() {
    store.holdCommits();
  }

  @Override
  void regainQuorum() {
    store.releaseCommits();
  }
}
