package dev.sheaf.rpc.shard.grpc;

/**
 * What clients may ask of one page server at a time.
 *
 * @param callBytes of all calls being answered, each counted with at least 64 KiB (53400 beyond)
 * @param streamsPerClient views and bulk loads of one client (53400 beyond)
 * @param leaseMillis a view or a load ends when its client was silent for so long
 * @param viewMillis a view ends after so long in any case
 */
public record ShardLimits(long callBytes, int streamsPerClient, long leaseMillis, long viewMillis) {
  public static final ShardLimits DEFAULT = new ShardLimits(256L << 20, 1024, 15_000, 3_600_000);
}
