package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.pageserver.assign.LostSafekeepers;
import dev.sheaf.pageserver.log.ForwardingShardLog;
import dev.sheaf.pageserver.log.MemoryShardLog;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page server whose log has members, on a clock of the test. */
final class LostSafekeepersTest {
  private static final long ABSENCE_MILLIS = 60_000;

  @TempDir Path scratch;

  private final AtomicLong skippedNanos = new AtomicLong();
  private final Set<String> retired = ConcurrentHashMap.newKeySet();
  private volatile Configuration members = of(1, "a", "b");

  private static Configuration of(long generation, String... nodes) {
    return Configuration.of(
        generation, Stream.of(nodes).map(node -> new Member(new NodeId(node), 1)).toList());
  }

  private long nanos() {
    return System.nanoTime() + skippedNanos.get();
  }

  @Test
  void membersThatStayAwayAreReplacedAndMissingOnesAreFound() throws Exception {
    var harness = new Harness(scratch);
    var timer = Executors.newSingleThreadScheduledExecutor();
    try (var nodes = NodeRegistry.watch(harness.coordination, System::nanoTime, soon());
        var server = new PageServer(ports(harness), Harness.SMALL);
        var upkeep =
            new LostSafekeepers(
                server,
                nodes,
                (shard, present) ->
                    nodes.all().stream()
                        .filter(node -> node.isUp(NodeRole.SAFEKEEPER))
                        .map(node -> new NodeId(node.name()))
                        .filter(node -> !present.contains(node))
                        .toList(),
                3,
                ABSENCE_MILLIS,
                Thread::startVirtualThread,
                timer,
                this::nanos)) {
      Stream.of("a", "b").forEach(node -> come(harness, node, "safekeeper"));
      assertThat(now(server)).isNotNull();
      come(harness, "c", "safekeeper");
      until(() -> names().equals(List.of("a", "b", "c")));

      come(harness, "d", "safekeeper");
      go(harness, "b");
      until(() -> upkeep.away().equals(Set.of(new NodeId("b"))));
      assertThat(names()).as("b may come back").contains("b");
      skippedNanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ABSENCE_MILLIS));
      come(harness, "anybody", "control");
      until(() -> names().equals(List.of("a", "c", "d")));
      assertThat(retired).doesNotContain("b");
      come(harness, "b", "safekeeper");
      until(() -> retired.contains("b"));
      assertThat(retired).doesNotContain("a", "c", "anybody");
    } finally {
      timer.shutdownNow();
    }
  }

  private static void come(Harness harness, String node, String role) {
    var change =
        Change.put("nodes/" + node, "v=1 roles=" + role + " incarnation=1 state=up load=0");
    harness.coordination.commit(List.of(), List.of(change));
  }

  private static void go(Harness harness, String node) {
    harness.coordination.commit(List.of(), List.of(Change.delete("nodes/" + node)));
  }

  private List<String> names() {
    return members.nodes().stream().map(NodeId::value).toList();
  }

  private static void until(BooleanSupplier reached) throws InterruptedException {
    Deadline deadline = soon();
    while (!reached.getAsBoolean()) {
      deadline.check(System.nanoTime());
      Thread.sleep(5);
    }
  }

  private PageServerPorts ports(Harness harness) {
    return new PageServerPorts(
        harness.coordination,
        harness.objects,
        new SegmentStore(harness.objects, new BlockCache(16L << 20), scratch.resolve("s")),
        id -> new MemberedLog(new MemoryShardLog(harness.log(id))),
        id -> id.equals(SHARD),
        "node",
        System::currentTimeMillis,
        System::nanoTime,
        Thread::startVirtualThread);
  }

  /** Members change at once. */
  private final class MemberedLog extends ForwardingShardLog {
    MemberedLog(ShardLog log) {
      super(log);
    }

    @Override
    public void changeMembers(List<NodeId> nodes, Deadline deadline) {
      members =
          of(members.generation() + 2, nodes.stream().map(NodeId::value).toArray(String[]::new));
    }

    @Override
    public boolean retire(NodeId node) {
      return retired.add(node.value());
    }

    @Override
    public Configuration configuration() {
      return members;
    }

    @Override
    public List<NodeStanding> standings() {
      return List.of();
    }
  }
}
