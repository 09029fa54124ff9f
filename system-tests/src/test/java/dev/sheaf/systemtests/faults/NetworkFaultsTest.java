package dev.sheaf.systemtests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.cli.cluster.NodeSpec;
import dev.sheaf.systemtests.faults.FaultCluster.Shape;
import dev.sheaf.systemtests.faults.Load.Seen;
import dev.sheaf.systemtests.faults.Wire.Weather;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call between computes, page servers and safekeepers goes through a {@link Wire}, which is
 * slow, breaks, or passes bytes on in one direction only. {@code -Dfaults=long} makes it longer.
 */
final class NetworkFaultsTest {
  private static final boolean FULL = !System.getProperty("faults", "").isEmpty();
  private static final long SEED = Long.getLong("faults.seed", 20_260_012L);

  @TempDir static Path folder;

  private static final Map<String, Wire> WIRES = new TreeMap<>();
  private static FaultCluster cluster;

  @BeforeAll
  static void start() {
    LocalCluster planned =
        FaultCluster.plan(
            folder, new Shape(3, 2, 1, 1, List.of("sheaf.rpc.advertised-host=" + Wire.HOST)));
    for (NodeSpec node : planned.state().nodes()) {
      if (node.role() == NodeRole.SAFEKEEPER || node.role() == NodeRole.PAGESERVER) {
        WIRES.put(node.name(), new Wire(rpcPort(node)));
      }
    }
    cluster = FaultCluster.start(planned);
  }

  private static int rpcPort(NodeSpec node) {
    return node.addresses().stream()
        .filter(address -> address.startsWith("rpc "))
        .map(address -> Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @AfterAll
  static void stop() {
    try {
      if (cluster != null) {
        cluster.close();
      }
    } finally {
      WIRES.values().forEach(Wire::close);
    }
  }

  @Test
  void survivesBadWeather() throws Exception {
    try (Load load = Load.start(cluster, "weather", SEED)) {
      load.awaitProgress();
      slow(load);
      oneSafekeeperAtATime(load);
      broken(load);
      deafOwner(load);
      FaultsTest.report("| network | %s |".formatted(load.verify()));
    }
  }

  /** All calls take 10 ms more in each direction. */
  private void slow(Load load) throws Exception {
    WIRES.values().forEach(wire -> wire.delay(10));
    long began = System.nanoTime();
    rest();
    load.awaitProgress();
    Seen seen = load.since(began);
    WIRES.values().forEach(wire -> wire.delay(0));
    assertThat(seen.failures()).as("failures on a slow network").isEmpty();
    tell("network-slow", seen);
  }

  /** One safekeeper hears nothing, then is not heard, then is cut off: two are enough. */
  private void oneSafekeeperAtATime(Load load) throws Exception {
    List<String> safekeepers = cluster.nodes(NodeRole.SAFEKEEPER);
    int turn = 0;
    for (Weather weather : List.of(Weather.STALLS_TO_NODE, Weather.STALLS_FROM_NODE, Weather.CUT)) {
      Wire wire = WIRES.get(safekeepers.get(turn++));
      wire.set(weather);
      long began = System.nanoTime();
      rest();
      load.awaitProgress();
      Seen seen = load.since(began);
      wire.set(Weather.FAIR);
      assertThat(seen.failures()).as("failures with %s", weather).isEmpty();
      tell("safekeeper-" + weather, seen);
      load.awaitProgress();
    }
  }

  /** All connections to one node after the other break, again and again. */
  private void broken(Load load) throws Exception {
    var random = new Random(SEED);
    var wires = List.copyOf(WIRES.values());
    long began = System.nanoTime();
    for (int i = 0; i < (FULL ? 100 : 20); i++) {
      wires.get(random.nextInt(wires.size())).breakAll();
      Thread.sleep(200);
    }
    load.awaitProgress();
    tell("connections-broken", load.since(began));
  }

  /**
   * No compute reaches the owner, or hears its answers, while it goes on renewing its lease: nobody
   * can help, but it goes on where it was.
   */
  private void deafOwner(Load load) throws Exception {
    for (Weather weather : List.of(Weather.STALLS_TO_NODE, Weather.STALLS_FROM_NODE)) {
      Wire wire = WIRES.get(cluster.owner(load.database()));
      long began = System.nanoTime();
      wire.set(weather);
      Thread.sleep(FULL ? 8_000 : 4_000);
      wire.set(Weather.FAIR);
      load.awaitProgress();
      tell("owner-" + weather, load.since(began));
    }
  }

  private static void rest() throws InterruptedException {
    Thread.sleep(FULL ? 15_000 : 3_000);
  }

  private static void tell(String what, Seen seen) throws Exception {
    FaultsTest.report(
        "| %s | %d commits, longest stall %.2f s, failures %s |"
            .formatted(
                what,
                seen.committed(),
                seen.longestStall().length().toMillis() / 1000.0,
                seen.states()));
  }
}
