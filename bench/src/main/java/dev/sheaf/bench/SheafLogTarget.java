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
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.rpc.log.grpc.RemoteSafekeeper;
import io.grpc.ManagedChannel;
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
 * Sheaf's log of one shard, as a page server has it, over three safekeepers, each a process with a
 * journal of its own.
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
    try {
      for (int number = 1; number <= 3; number++) {
        start(new NodeId("safekeeper-" + number), folder);
      }
      var coordination = EmbeddedCoordination.inMemory(System::nanoTime, executor);
      parts.push(coordination);
      var members =
          new LogMembers(
              coordination,
              this::safekeeper,
              shard -> List.copyOf(safekeepers.keySet()),
              System::nanoTime);
      var random = new SplittableRandom(System.nanoTime());
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
    } catch (Exception e) {
      closeParts();
      throw e;
    }
  }

  private void start(NodeId node, Path folder) throws Exception {
    int port = ChildProcess.freePort();
    var process =
        ChildProcess.start(
            ChildProcess.java(
                List.of("-Xmx256m"),
                System.getProperty("java.class.path"),
                List.of(
                    SafekeeperMain.class.getName(),
                    node.value(),
                    Integer.toString(port),
                    folder.resolve(node.value()).toString())),
            folder.resolve(node.value() + ".out"));
    parts.push(process);
    process.awaitPort(port);
    ManagedChannel channel = ClusterTransport.channel("127.0.0.1", port).usePlaintext().build();
    parts.push(channel::shutdownNow);
    safekeepers.put(node, new RemoteSafekeeper(channel, System::nanoTime));
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

  private void closeParts() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
    timer.shutdownNow();
    executor.close();
  }

  @Override
  public void close() throws Exception {
    closeParts();
  }
}
