package dev.sheaf.bench;

import dev.sheaf.log.NodeId;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.log.grpc.SafekeeperEndpoint;
import dev.sheaf.safekeeper.journal.DiskStorage;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.serve.Safekeeper;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Executors;

/**
 * A process that is one safekeeper and nothing else, put together as the server does: {@code NAME
 * PORT FOLDER}. It runs until it is killed.
 */
final class SafekeeperMain {
  private SafekeeperMain() {}

  public static void main(String[] args) throws Exception {
    var node = new NodeId(args[0]);
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    Journal journal =
        Journal.open(
            new DiskStorage(Path.of(args[2])),
            JournalSettings.DEFAULT,
            node,
            new SecureRandom().nextLong(),
            Thread.ofPlatform().name("journal-" + node.value()).factory(),
            error -> Runtime.getRuntime().halt(1));
    ClusterTransport.server(
            new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])), Runnable::run)
        .addService(
            new SafekeeperEndpoint(
                new Safekeeper(journal, Runnable::run, threads), System::nanoTime))
        .build()
        .start()
        .awaitTermination();
  }
}
