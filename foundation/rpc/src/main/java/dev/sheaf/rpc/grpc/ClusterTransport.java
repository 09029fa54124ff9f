package dev.sheaf.rpc.grpc;

import dev.sheaf.log.RecordFrame;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * How the processes of a cluster connect. Both sides ask for a sign of life while calls are open: a
 * machine that vanished without a word is noticed. gRPC lets clients do so every ten seconds at
 * most, so calls that may be repeated should have deadlines of their own below that.
 */
public final class ClusterTransport {
  /** A message holds the largest record of a log and what is around it. */
  public static final int MAX_MESSAGE_BYTES = RecordFrame.MAX_PAYLOAD_BYTES + (4 << 20);

  private static final int CONNECT_MILLIS = 1_000;
  private static final long CLIENT_ASKS_MILLIS = 10_000;
  private static final long SERVER_ASKS_MILLIS = 2_000;
  private static final long KEEP_ALIVE_TIMEOUT_MILLIS = 2_000;

  private ClusterTransport() {}

  /** A channel that the caller may still add to (TLS, executor). It connects when first used. */
  public static NettyChannelBuilder channel(String host, int port) {
    return NettyChannelBuilder.forAddress(host, port)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
        .keepAliveTime(CLIENT_ASKS_MILLIS, TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        // Callers know what may be repeated; gRPC's own bookkeeping for it costs each call.
        .disableRetry()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES);
  }

  /**
   * A server that the caller adds services to (and TLS).
   *
   * @param executor runs callbacks; when they never wait, the connection's own thread will do
   */
  public static NettyServerBuilder server(InetSocketAddress address, Executor executor) {
    return NettyServerBuilder.forAddress(address)
        .executor(executor)
        .permitKeepAliveTime(CLIENT_ASKS_MILLIS / 2, TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .keepAliveTime(SERVER_ASKS_MILLIS, TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES);
  }
}
