package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.shard.ShardConnection;
import dev.sheaf.rpc.shard.ShardService;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/** A channel of its own to a page server. Connects when first used, and again when it broke. */
public final class ShardChannel implements ShardConnection {
  private final ManagedChannel channel;
  private final RemoteShards shards;

  private ShardChannel(ManagedChannel channel, RemoteShards shards) {
    this.channel = channel;
    this.shards = shards;
  }

  /**
   * @param address host:port
   * @param client this process, see {@link RemoteShards}
   * @param security sets TLS or plain text
   */
  public static ShardChannel to(
      String address,
      String client,
      ScheduledExecutorService timer,
      LongSupplier nanoTime,
      UnaryOperator<NettyChannelBuilder> security) {
    int colon = address.lastIndexOf(':');
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      ManagedChannel channel =
          security.apply(ClusterTransport.channel(address.substring(0, colon), port)).build();
      return new ShardChannel(channel, new RemoteShards(channel, client, timer, nanoTime));
    } catch (StringIndexOutOfBoundsException | IllegalArgumentException e) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "not host:port: \"" + address + "\"", e);
    }
  }

  @Override
  public ShardService shards() {
    return shards;
  }

  /** Else gRPC waits for up to two minutes after many failures. */
  @Override
  public void reconnectSoon() {
    channel.resetConnectBackoff();
  }

  @Override
  public void hangUp() {
    channel.shutdownNow();
    shards.close();
  }

  @Override
  public void close() {
    shards.close();
    channel.shutdown();
  }
}
