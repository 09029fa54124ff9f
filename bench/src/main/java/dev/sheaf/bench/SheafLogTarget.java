package dev.sheaf.bench;

import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.log.NodeId;
import dev.sheaf.pageserver.log.LogMembers;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.QuorumLogSettings;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.rpc.log.grpc.RemoteSafekeeper;
import dev.sheaf.rpc.log.grpc.SafekeeperEndpoint;
import dev.sheaf.safekeeper.journal.DiskStorage;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.serve.Safekeeper;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Sheaf's log of one shard over three safekeepers, each with a journal of its own and behind a gRPC
 * server on loopback, all in this process.
 */
final class SheafLogTarget implements LogTarget {
  /** The owner lets older records be forgotten, as after a flush. */
  private static final long KEEP_BYTES = 64L << 20;

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Map<NodeId, SafekeeperService> safekeepers = new TreeMap<>();
  private final ShardLog log;

  /**
   * @param folder an empty one, for the journals
   */
  SheafLogTarget(Path folder) throws Exception {
    var random = new SplittableRandom(System.nanoTime());
    for (int number = 1; number <= 3; number++) {
      var node = new NodeId("safekeeper-" + number);
      safekeepers.put(node, start(node, folder, random.nextLong()));
    }
    var coordination = EmbeddedCoordination.inMemory(System::nanoTime, executor);
    parts.push(coordination);
    var members =
        new LogMembers(
            coordination,
            this::safekeeper,
            shard -> List.copyOf(safekeepers.keySet()),
            System::nanoTime);
    log =
        new QuorumLogFactory(
                members,
                this::safekeeper,
                QuorumLogSettings.DEFAULT,
                System::nanoTime,
                random::nextLong,
                executor,
                timer)
            .create(ShardId.root(new DatabaseId("bench")));
    parts.push(log);
    log.open(new Term(1), Deadline.after(System.nanoTime(), 30_000));
  }

  private SafekeeperService start(NodeId node, Path folder, long incarnation) throws Exception {
    var disk = new DiskStorage(folder.resolve(node.value()));
    parts.push(disk);
    Journal journal =
        Journal.open(
            disk,
            JournalSettings.DEFAULT,
            node,
            incarnation,
            Thread.ofPlatform().name("journal-" + node).daemon().factory(),
            error -> Runtime.getRuntime().halt(1));
    var safekeeper = new Safekeeper(journal, executor);
    parts.push(safekeeper);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .directExecutor()
            .maxInboundMessageSize(SafekeeperEndpoint.MAX_MESSAGE_BYTES)
            .addService(new SafekeeperEndpoint(safekeeper, System::nanoTime))
            .build()
            .start();
    parts.push(server::shutdownNow);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .usePlaintext()
            .directExecutor()
            .build();
    parts.push(channel::shutdownNow);
    return new RemoteSafekeeper(channel, System::nanoTime);
  }

  private SafekeeperService safekeeper(NodeId node) {
    return Objects.requireNonNull(safekeepers.get(node), "one of three");
  }

  @Override
  public String name() {
    return "Sheaf";
  }

  @Override
  public CompletableFuture<?> append(byte[] entry) {
    CompletableFuture<Lsn> appended = log.append(entry);
    Lsn commit = log.commitLsn();
    if (commit.value() - log.startLsn().value() > 2 * KEEP_BYTES) {
      log.forgetBelow(commit);
    }
    return appended;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
    timer.shutdownNow();
    executor.close();
  }
}
