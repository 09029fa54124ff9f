package dev.sheaf.systemtests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.systemtests.faults.FaultCluster.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Safekeepers that are gone for good, and logs that are begun while one is away. */
final class LostSafekeeperTest {
  private static final long SEED = Long.getLong("faults.seed", 20_260_013L);

  @TempDir Path folder;

  @Test
  void anotherOneTakesThePlaceOfOneThatStaysAway() throws Exception {
    var shape = new Shape(4, 1, 1, 1, List.of("sheaf.safekeeper-absence=4s"));
    try (FaultCluster cluster = FaultCluster.start(folder, shape);
        Load load = Load.start(cluster, "lost", SEED);
        var facts = new LogFacts(cluster)) {
      load.awaitProgress();
      String id = cluster.shard("lost").path("database_id").asText();
      List<String> members = nodes(facts, id);
      assertThat(members).hasSize(3);
      String spare =
          cluster.nodes(NodeRole.SAFEKEEPER).stream()
              .filter(node -> !members.contains(node))
              .findFirst()
              .orElseThrow();
      String lost = members.getFirst();
      long began = System.nanoTime();
      cluster.kill(lost);
      FaultCluster.await("the spare one is a member", () -> nodes(facts, id).contains(spare));
      Duration replaced = Duration.ofNanos(System.nanoTime() - began);
      assertThat(nodes(facts, id)).doesNotContain(lost).hasSize(3);
      load.awaitProgress();
      assertThat(load.since(began).failures()).as("failed transactions").isEmpty();

      // Its copy is whole: with a second one gone, the owner's successor reads the log from it.
      String second = members.getLast();
      cluster.kill(second);
      load.awaitProgress();
      cluster.kill("pageserver-1");
      cluster.start("pageserver-1");
      load.awaitProgress();

      // Of four safekeepers two are there: a new log begins with them, and gets its third later.
      cluster.createDatabase("begun-with-two");
      String other = cluster.shard("begun-with-two").path("database_id").asText();
      assertThat(admitted(facts, other)).hasSize(2);
      cluster.start(lost);
      cluster.start(second);
      FaultCluster.await("the third member", () -> admitted(facts, other).size() == 3);
      FaultsTest.report(
          "| safekeeper-lost | replaced %.1f s after its end, absence 4 s; %s |"
              .formatted(replaced.toMillis() / 1000.0, load.verify()));
    }
  }

  private static List<String> nodes(LogFacts facts, String database) {
    return facts.members(database).stream()
        .map(member -> member.substring(0, member.indexOf(':')))
        .toList();
  }

  private static List<String> admitted(LogFacts facts, String database) {
    return facts.members(database).stream().filter(member -> !member.endsWith(":0")).toList();
  }
}
