package dev.sheaf.systemtests.faults;

import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import java.net.URI;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Who keeps a shard's log, as coordination says. */
final class LogFacts implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final EtcdCoordination coordination;

  LogFacts(FaultCluster cluster) {
    List<URI> endpoints =
        cluster.nodes(NodeRole.ETCD).stream()
            .map(node -> URI.create("http://" + cluster.address(node, "client")))
            .toList();
    this.coordination =
        EtcdCoordination.connect(
            EtcdSettings.of(endpoints, "sheaf"), System::nanoTime, new SecureRandom(), threads);
  }

  /** The members, {@code node:incarnation} each; empty while members change. */
  List<String> members(String databaseId) {
    Optional<Entry> entry = coordination.get("shards/" + databaseId + "/0/safekeepers");
    String[] words = entry.map(Entry::value).orElse("").split(" ");
    return words.length == 2 ? Arrays.asList(words[1].split(",")) : List.of();
  }

  /** The journal that is trusted at a node, in hexadecimal; empty if the node is no member. */
  Optional<String> incarnation(String databaseId, String node) {
    return members(databaseId).stream()
        .filter(member -> member.startsWith(node + ":"))
        .map(member -> member.substring(node.length() + 1))
        .findFirst();
  }

  @Override
  public void close() {
    coordination.close();
    threads.shutdownNow();
  }
}
