package dev.sheaf.bench;

import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.compute.route.RoutePolicy;
import dev.sheaf.compute.route.RoutedShards;
import dev.sheaf.compute.route.WatchedOwners;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardMap;
import dev.sheaf.rpc.guard.CallGuards;
import dev.sheaf.rpc.shard.grpc.ShardChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The oracle of a cluster's database, reached from this process the way that a compute goes. */
final class ClusterOracle implements AutoCloseable {
  private static final long CALL_MILLIS = 60_000;
  private static final long START_MILLIS = 30_000;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final ShardMap map;
  private final RoutedShards shards;
  private final ShardId shard;

  ClusterOracle(SheafCluster cluster) {
    var random = new SecureRandom();
    ExecutorService threads = started(Executors.newVirtualThreadPerTaskExecutor());
    ScheduledExecutorService timer = started(Executors.newSingleThreadScheduledExecutor());
    List<URI> etcd =
        cluster.addresses(NodeRole.ETCD, "client").stream()
            .map(address -> URI.create("http://" + address))
            .toList();
    var coordination =
        started(
            EtcdCoordination.connect(
                EtcdSettings.of(etcd, "sheaf"), System::nanoTime, random, threads));
    Deadline start = Deadline.after(System.nanoTime(), START_MILLIS);
    NodeRegistry nodes = started(NodeRegistry.watch(coordination, System::nanoTime, start));
    map = started(ShardMap.watch(coordination, System::nanoTime, start));
    shards =
        started(
            new RoutedShards(
                new WatchedOwners(map, nodes),
                target ->
                    ShardChannel.to(
                        target.address(),
                        "bench",
                        timer,
                        System::nanoTime,
                        NettyChannelBuilder::usePlaintext),
                CallGuards.NONE,
                RoutePolicy.DEFAULT,
                TimeSource.SYSTEM,
                random));
    map.await(known -> !known.all().isEmpty(), start);
    shard = map.all().getFirst().shard();
  }

  private <T extends AutoCloseable> T started(T part) {
    parts.push(part);
    return part;
  }

  /** A timestamp; waits for an owner while there is none. */
  Timestamp draw() {
    return shards.snapshot(shard, Deadline.after(System.nanoTime(), CALL_MILLIS)).timestamp();
  }

  /** The page server that issues them now. */
  String owner() {
    return map.get(shard).holder().map(ShardFacts.Holder::node).orElseThrow();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
  }
}
