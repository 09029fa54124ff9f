package dev.sheaf.rpc.shard;

/** A way to one page server. Thread-safe. */
public interface ShardConnection extends AutoCloseable {
  ShardService shards();

  /** Nothing new begins; what is under way may end. Idempotent. */
  @Override
  void close();
}
