package dev.sheaf.server;

import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.log.SafekeeperDirectory;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.rpc.log.grpc.RemoteSafekeeper;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Connections to the cluster's safekeepers, one for each address. Thread-safe. */
final class SafekeeperLinks implements SafekeeperDirectory, AutoCloseable {
  /** A safekeeper that is away is not asked more often than this, whatever the number of logs. */
  private static final long RECONNECT_NANOS = 500_000_000;

  private final NodeRegistry nodes;
  private final ClusterSecurity security;
  private final Map<NodeId, Link> links = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private record Link(
      String address, ManagedChannel channel, SafekeeperService service, AtomicLong triedNanos) {

    /**
     * Somebody wants to call now. gRPC itself would wait for up to two minutes after many failures,
     * in which a safekeeper that is back is still missing.
     */
    void reconnectSoon() {
      long now = System.nanoTime();
      long last = triedNanos.get();
      if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE
          && now - last > RECONNECT_NANOS
          && triedNanos.compareAndSet(last, now)) {
        channel.resetConnectBackoff();
      }
    }
  }

  SafekeeperLinks(NodeRegistry nodes, ClusterSecurity security) {
    this.nodes = nodes;
    this.security = security;
  }

  /** A node that is away keeps its last address: it most often comes back there. */
  @Override
  public SafekeeperService of(NodeId node) {
    if (closed) {
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "this process is shutting down");
    }
    String known =
        nodes.byName(node.value()).map(NodeInfo::addresses).flatMap(a -> a.grpc()).orElse("");
    Link link =
        links.compute(
            node,
            (id, present) -> {
              if (known.isEmpty() || (present != null && present.address().equals(known))) {
                return present;
              }
              if (present != null) {
                present.channel().shutdownNow();
              }
              return connect(known);
            });
    if (link == null) {
      throw new SheafException(ErrorCode.IO_ERROR, "safekeeper " + node + " is not registered")
          .withHint("Start it; its address becomes known with that.");
    }
    link.reconnectSoon();
    return link.service();
  }

  private Link connect(String address) {
    int colon = address.lastIndexOf(':');
    ManagedChannel channel =
        security
            .secure(
                ClusterTransport.channel(
                    address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))))
            .build();
    return new Link(
        address,
        channel,
        new RemoteSafekeeper(channel, System::nanoTime),
        new AtomicLong(System.nanoTime()));
  }

  @Override
  public void close() {
    closed = true;
    links.values().forEach(link -> link.channel().shutdownNow());
  }
}
