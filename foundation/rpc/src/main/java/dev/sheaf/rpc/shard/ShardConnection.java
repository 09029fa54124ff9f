package dev.sheaf.rpc.shard;

/** A way to one page server. Thread-safe. */
public interface ShardConnection extends AutoCloseable {
  ShardService shards();

  /** A call is about to be repeated: connect at once, however often that failed before. */
  default void reconnectSoon() {}

  /**
   * The page server is gone: every call under way ends at once, reads with 58030, commits that may
   * have been sent with 40003. Nothing new begins. Idempotent.
   */
  default void hangUp() {
    close();
  }

  /** Ends views and loads; other calls under way may end. Nothing new begins. Idempotent. */
  @Override
  void close();
}
