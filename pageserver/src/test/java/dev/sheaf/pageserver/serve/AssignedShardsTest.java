package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.commit;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.pageserver.assign.ShardAgent;
import dev.sheaf.pageserver.assign.ShardRemoval;
import dev.sheaf.pageserver.assign.WatchedAssignments;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.log.MemoryShardLog;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeInfo.Addresses;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.NodeState;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.testkit.coordination.SeveredCoordination;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two page servers, with the test in the place of placement. */
final class AssignedShardsTest {
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);
  private static final Executor THREADS = Thread::startVirtualThread;

  @TempDir Path scratch;

  private Harness harness;
  private ShardMap shards;
  private NodeRegistry nodes;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong incarnations = new AtomicLong();
  private final List<Node> started = new ArrayList<>();

  /** A process with a page server, as the application puts it together. */
  private final class Node {
    final AtomicLong aheadNanos = new AtomicLong();
    final SeveredCoordination way = new SeveredCoordination(harness.coordination, this::nanos);
    final NodeLease lease = new NodeLease(way, 300, this::nanos);
    final NodeRegistration self;
    final ShardMap map = ShardMap.watch(way, this::nanos, soon());
    final NodeRegistry peers = NodeRegistry.watch(way, this::nanos, soon());
    final PageServer server;
    final ShardAgent agent;

    Node(String name) {
      started.add(this);
      self =
          NodeRegistration.register(
              way,
              lease,
              NodeInfo.of(name, Set.of(NodeRole.PAGESERVER), Addresses.NONE),
              incarnations::incrementAndGet,
              THREADS,
              timer,
              soon());
      var ports =
          new PageServerPorts(
              way,
              harness.objects,
              new SegmentStore(
                  harness.objects, new BlockCache(16L << 20), scratch.resolve("of-" + name)),
              id -> new MemoryShardLog(harness.log(id)),
              id -> true,
              name,
              System::currentTimeMillis,
              this::nanos,
              THREADS);
      server =
          new PageServer(ports, Harness.SMALL, lease, new WatchedAssignments(name, lease, map));
      var removal =
          new ShardRemoval(
              way, harness.objects, ports.logs(), new Grants(way, name, lease), this::nanos);
      agent =
          new ShardAgent(
              server,
              removal,
              map,
              peers,
              self,
              ShardAgent.Limits.DEFAULT,
              THREADS,
              timer,
              this::nanos);
    }

    long nanos() {
      return System.nanoTime() + aheadNanos.get();
    }

    /** Cut off for longer than its lease lasts. */
    void vanish() {
      way.cut();
      way.expireLeases();
      aheadNanos.addAndGet(3_000_000_000L);
    }

    void stop() {
      agent.close();
      server.close();
      self.close();
      peers.close();
      map.close();
      lease.close();
    }
  }

  @BeforeEach
  void open() {
    harness = new Harness(scratch);
    shards = ShardMap.watch(harness.coordination, System::nanoTime, soon());
    nodes = NodeRegistry.watch(harness.coordination, System::nanoTime, soon());
  }

  @AfterEach
  void stop() {
    started.forEach(node -> node.way.heal());
    started.forEach(Node::stop);
    timer.shutdownNow();
  }

  private void assign(ShardId shard, String node) {
    harness.coordination.commit(List.of(), List.of(Change.put(ShardKeys.assigned(shard), node)));
  }

  private void awaitServedBy(String node) {
    shards.await(now -> now.get(SHARD).isServed() && now.get(SHARD).isHeldBy(node), soon());
  }

  private static void until(BooleanSupplier reached) {
    Deadline deadline = soon();
    while (!reached.getAsBoolean()) {
      deadline.check(System.nanoTime());
      Thread.onSpinWait();
    }
  }

  private static void refuses(Node node, String... words) {
    assertThatThrownBy(() -> node.server.snapshot(SHARD, Deadline.after(node.nanos(), 20_000)))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
              assertThat(e.message()).contains(words);
            });
  }

  @Test
  void aShardIsWhereItIsAssigned() {
    var a = new Node("a");
    var b = new Node("b");
    refuses(a, "has no page server yet");
    assign(SHARD, "a");
    awaitServedBy("a");
    commit(a.server, now(a.server), write(WriteKind.PUT, 1, 1));
    until(() -> b.map.get(SHARD).isServed());
    refuses(b, "is owned by page server a");

    assign(SHARD, "b");
    awaitServedBy("b");
    assertThat(harness.log(SHARD).recordCount()).as("it was flushed before").isZero();
    refuses(a, "is owned by page server b");
    commit(b.server, now(b.server), write(WriteKind.PUT, 2, 2));
    assertThat(harness.scan(b.server, now(b.server), ALL)).isEqualTo(Map.of(1L, 1L, 2L, 2L));
  }

  @Test
  void anotherOneTakesOverAsSoonAsTheOwnerIsGone() {
    var a = new Node("a");
    var b = new Node("b");
    assign(SHARD, "a");
    awaitServedBy("a");
    commit(a.server, now(a.server), write(WriteKind.PUT, 1, 1));

    a.way.cut();
    assign(SHARD, "b");
    until(() -> b.map.get(SHARD).assigned().filter("b"::equals).isPresent());
    refuses(b, "is owned by");
    a.vanish();
    awaitServedBy("b");
    refuses(a, "read-only", "lost touch");
    commit(b.server, now(b.server), write(WriteKind.PUT, 2, 2));

    a.way.heal();
    until(() -> nodes.byName("a").filter(node -> node.incarnation() > 2).isPresent());
    until(() -> a.map.get(SHARD).isHeldBy("b"));
    refuses(a, "is owned by page server b");
    assign(SHARD, "a");
    awaitServedBy("a");
    assertThat(a.server.get(SHARD, now(a.server), List.of(Harness.key(2)), soon())).hasSize(1);
  }

  /** Nobody else is there: the owner itself comes back, without being asked. */
  @Test
  void anOwnerThatWasCutOffComesBackByItself() {
    var a = new Node("a");
    assign(SHARD, "a");
    awaitServedBy("a");
    var term = shards.get(SHARD).term();
    a.vanish();
    until(() -> shards.get(SHARD).holder().isEmpty());
    refuses(a, "read-only");
    a.way.heal();
    awaitServedBy("a");
    assertThat(shards.get(SHARD).term()).isGreaterThan(term);
  }

  @Test
  void aNodeThatDrainsGivesItsShardsAway() {
    var a = new Node("a");
    assign(SHARD, "a");
    awaitServedBy("a");
    assertThat(a.agent.drain(soon())).as("nobody could take it").isFalse();
    assertThat(a.self.self().state()).isEqualTo(NodeState.UP);

    var b = new Node("b");
    until(() -> a.peers.byName("b").isPresent());
    nodes.onChange(() -> {
      if (nodes.byName("a").filter(node -> node.state() == NodeState.DRAINING).isPresent()) {
        Thread.startVirtualThread(() -> assign(SHARD, "b"));
      }
    });
    harness.coordination.commit(List.of(), List.of(a.self.self().drainRequest()));
    assertThat(a.agent.drained()).succeedsWithin(Duration.ofSeconds(20));
    assertThat(a.agent.drain(soon())).isTrue();
    awaitServedBy("b");
    assertThat(b.server.present()).containsExactly(SHARD);
    assertThat(a.server.present()).isEmpty();
  }

  @Test
  void ofADoomedShardNothingIsLeft() {
    var a = new Node("a");
    var other = ShardId.root(new DatabaseId("db2"));
    assign(SHARD, "a");
    assign(other, "a");
    awaitServedBy("a");
    shards.await(now -> now.get(other).isServed(), soon());
    commit(a.server, now(a.server), write(WriteKind.PUT, 1, 1));
    a.server.handOver(SHARD, 20_000, soon());
    commit(a.server, now(a.server), write(WriteKind.PUT, 2, 2));
    assertThat(harness.objects.list("db/" + SHARD, "", 10)).isNotEmpty();

    // Whose members are known, as those of a quorum's log are.
    harness.coordination.commit(
        List.of(),
        List.of(
            Change.put(ShardKeys.safekeepers(SHARD), "1 sk-0:1"),
            Change.put(ShardKeys.doomed(SHARD), "1")));
    shards.await(now -> !now.knows(SHARD), soon());
    assertThat(harness.coordination.list(ShardKeys.prefix(SHARD))).isEmpty();
    assertThat(harness.coordination.get(WindowedOracle.windowKey(SHARD.database()))).isEmpty();
    assertThat(harness.objects.list("db/" + SHARD, "", 10)).isEmpty();
    assertThat(harness.log(SHARD).recordCount()).isZero();
    assertThat(shards.get(other).isServed()).isTrue();
    until(() -> !a.map.knows(SHARD));
    refuses(a, "has no page server yet");
  }

  @Test
  void aGrantLeftOverDoesNotKeepOthersOut() {
    var a = new Node("a");
    new Grants(a.way, "a", a.lease).take(SHARD);
    shards.await(now -> now.get(SHARD).holder().isEmpty(), soon());
    var b = new Node("b");
    assign(SHARD, "b");
    awaitServedBy("b");
    // It announces itself a moment before it lets requests in.
    until(() -> b.server.isServing(SHARD));
  }
}
