package dev.sheaf.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.KnownSafekeepers;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.leader.LeaderElection;
import dev.sheaf.control.leader.Leadership;
import dev.sheaf.control.placement.Placement;
import dev.sheaf.control.reconcile.DatabaseLifecycle.Creation;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeInfo.Addresses;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.NodeState;
import dev.sheaf.rpc.cluster.ShardFacts;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import dev.sheaf.testkit.coordination.SeveredCoordination;
import dev.sheaf.testkit.shard.MemoryShard;
import dev.sheaf.testkit.shard.MemoryShards;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several control planes, and page servers that do at once what they are told. */
class ClusterControllerTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EmbeddedCoordination store =
      EmbeddedCoordination.inMemory(System::nanoTime, threads);
  private final AtomicLong incarnations = new AtomicLong();
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Where no shard is ever asked anything. */
  private static ClusterShardHost shardHost(
      Coordination way, NodeRegistry nodes, ShardMap shards, LongSupplier nanos) {
    var nothing =
        new MemoryShards(
            ShardId.root(new DatabaseId("nothing")), new MemoryShard(System::currentTimeMillis));
    return new ClusterShardHost(
        way, nodes, shards, nothing, (shard, deadline) -> {}, (backup, child) -> {}, nanos);
  }

  /** A process: its way to the store, its lease and its entry. */
  private class Process {
    final AtomicLong aheadNanos = new AtomicLong();
    final SeveredCoordination way = new SeveredCoordination(store, this::nanos);
    final NodeLease lease = new NodeLease(way, 300, this::nanos);
    final NodeRegistry nodes = NodeRegistry.watch(way, this::nanos, soon());
    final ShardMap shards = ShardMap.watch(way, this::nanos, soon());
    final NodeRegistration self;

    Process(String name, NodeRole role) {
      self =
          NodeRegistration.register(
              way,
              lease,
              NodeInfo.of(name, Set.of(role), Addresses.NONE),
              incarnations::incrementAndGet,
              threads,
              timer,
              soon());
      open.add(self);
    }

    long nanos() {
      return System.nanoTime() + aheadNanos.get();
    }

    String name() {
      return self.self().name();
    }

    void vanish() {
      way.cut();
      aheadNanos.addAndGet(3_000_000_000L);
      way.expireLeases();
    }
  }

  private final class ControlPlane extends Process {
    final DatabaseRegistry registry =
        new DatabaseRegistry(
            way,
            DatabaseRegistry.Serving.ELSEWHERE,
            () -> Instant.EPOCH,
            this::nanos,
            new Random(ThreadLocalRandom.current().nextLong()),
            100,
            soon());
    final LeaderElection election = new LeaderElection(way, name(), lease, threads, timer);
    final DatabaseLifecycle lifecycle =
        new DatabaseLifecycle(
            registry, shardHost(way, nodes, shards, this::nanos), threads, this::nanos);
    final ShardAssigner assigner =
        new ShardAssigner(
            way,
            registry,
            nodes,
            shards,
            new Placement(new Placement.Rules(0, 30_000_000_000L, 4)),
            this::nanos);

    ControlPlane(String name) {
      super(name, NodeRole.CONTROL);
      open.add(registry);
      open.add(election);
      open.add(
          new ClusterController(
              election,
              assigner,
              lifecycle,
              new NodeDrains(way),
              registry,
              nodes,
              shards,
              threads,
              timer));
    }

    Creation create(String name) {
      return lifecycle.create(new DatabaseName(name), Optional.empty(), soon());
    }
  }

  /** Takes what is assigned to it, lets go of what is not, deletes what is doomed. */
  private final class FakePageServer extends Process {
    FakePageServer(String name) {
      super(name, NodeRole.PAGESERVER);
      shards.onChange(() -> threads.execute(this::follow));
      // Also without news, as a real one does: it may have been told before it listened.
      ScheduledFuture<?> upkeep =
          timer.scheduleWithFixedDelay(
              () -> threads.execute(this::follow), 0, 50, TimeUnit.MILLISECONDS);
      open.add(() -> upkeep.cancel(false));
    }

    private synchronized void follow() {
      for (ShardFacts facts : shards.all()) {
        boolean mine = facts.assigned().filter(name()::equals).isPresent();
        String holder = ShardKeys.holder(facts.shard());
        if (mine && facts.doomed()) {
          store
              .list(ShardKeys.prefix(facts.shard()))
              .forEach(entry -> store.commit(List.of(), List.of(Change.delete(entry.key()))));
        } else if (mine && facts.holder().isEmpty() && lease.isValid()) {
          String value = ShardKeys.holderValue(name(), 1, true);
          way.commit(List.of(), List.of(new Change(holder, value, lease.current())));
        } else if (!mine && facts.isHeldBy(name())) {
          way.commit(List.of(), List.of(Change.delete(holder)));
        }
      }
    }
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private static void until(BooleanSupplier reached) {
    Deadline deadline = soon();
    while (!reached.getAsBoolean()) {
      deadline.check(System.nanoTime());
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    timer.shutdownNow();
    threads.shutdownNow();
  }

  private long ownedBy(String node) {
    return ShardMap.read(store).stream()
        .filter(facts -> facts.isServed() && facts.isHeldBy(node))
        .count();
  }

  private static ControlPlane leaderOf(List<ControlPlane> planes) {
    until(() -> planes.stream().anyMatch(plane -> plane.election.leadership().isPresent()));
    return planes.stream()
        .filter(plane -> plane.election.leadership().isPresent())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anyReplicaCreatesAndDeletesAndTheLeaderPlaces() {
    var planes = List.of(new ControlPlane("c1"), new ControlPlane("c2"), new ControlPlane("c3"));
    ControlPlane leader = leaderOf(planes);
    ControlPlane other = planes.stream().filter(p -> p != leader).findFirst().orElseThrow();
    var a = new FakePageServer("a");
    var b = new FakePageServer("b");
    for (int number = 0; number < 6; number++) {
      ControlPlane plane = planes.get(number % 3);
      var made = (Creation.Created) plane.create("db-" + number);
      assertThat(made.status().database().state()).isEqualTo(DatabaseState.READY);
    }
    until(() -> ownedBy("a") == 3 && ownedBy("b") == 3);
    until(() -> other.registry.byName("db-0").filter(db -> db.ready()).isPresent());

    var overview = new ClusterOverview(store, other.registry).read();
    assertThat(overview.leader()).contains(leader.name());
    assertThat(overview.nodes()).extracting(NodeInfo::name).contains("a", "b", "c1", "c2", "c3");
    assertThat(overview.shards()).hasSize(6).allMatch(shard -> shard.database().isPresent());

    other.lifecycle.delete(new DatabaseName("db-0"), soon());
    assertThat(ShardMap.read(store)).hasSize(5);
    until(() -> leader.registry.registered().size() == 5);

    a.vanish();
    until(() -> ownedBy("b") == 5);
    var c = new FakePageServer("c");
    until(() -> ownedBy("c") >= 2);
    var drains = new NodeDrains(store);
    drains.drain("b");
    until(() -> ownedBy("c") == 5);
    assertThatThrownBy(() -> drains.drain("c")).hasMessageContaining("only page server");
    assertThatThrownBy(() -> drains.drain("c1")).hasMessageContaining("no page server");
    assertThatThrownBy(() -> drains.drain("nobody"))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNDEFINED_OBJECT));

    assertThat(store.list("drain/")).extracting(Entry::key).containsExactly("drain/b");
    new NodeDrains(store).forgetGone(leader.election.leadership().orElseThrow());
    assertThat(store.get("drain/b")).as("it is there and may not have seen it yet").isPresent();
    b.vanish();
    until(() -> store.list("drain/").isEmpty());
    assertThat(c.self.self().state()).isEqualTo(NodeState.UP);
  }

  @Test
  void aDeposedLeaderChangesNothing() {
    var first = new ControlPlane("c1");
    Leadership old = leaderOf(List.of(first)).election.leadership().orElseThrow();
    var second = new ControlPlane("c2");
    first.vanish();
    until(() -> second.election.leadership().isPresent());
    assertThat(first.election.leadership()).isEmpty();
    assertThat(old.isHeld()).isFalse();
    first.way.heal();
    assertThat(store.commit(List.of(old.fence()), List.of(Change.put("x", "1")))).isFalse();

    second.vanish();
    until(() -> first.election.leadership().isPresent());
  }

  /** Also of a leader that still believes in itself, as after a pause in the middle of a pass. */
  @Test
  void everyAssignmentDependsOnTheFence() {
    var process = new Process("c1", NodeRole.CONTROL);
    var registry =
        new DatabaseRegistry(
            store, () -> Instant.EPOCH, System::nanoTime, new Random(1), 100, soon());
    open.add(registry);
    var placement = new Placement(Placement.Rules.DEFAULT);
    var assigner =
        new ShardAssigner(
            store, registry, process.nodes, process.shards, placement, System::nanoTime);
    var a = new FakePageServer("a");
    until(() -> process.nodes.byName("a").isPresent());
    registry.create(new DatabaseName("shop"), Optional.empty(), soon());

    store.commit(List.of(), List.of(Change.put("control/leader", "c1 1")));
    long old = store.get("control/leader").orElseThrow().modRevision();
    store.commit(List.of(), List.of(Change.put("control/leader", "c2 1")));
    long present = store.get("control/leader").orElseThrow().modRevision();
    assigner.pass(new Leadership(old, process.lease.current(), process::nanos));
    assertThat(ShardMap.read(store)).isEmpty();
    assigner.pass(new Leadership(present, process.lease.current(), process::nanos));
    until(() -> ownedBy(a.name()) == 1);
  }

  /** With nobody to own it a database waits; the error says for what. */
  @Test
  void aDatabaseWaitsForAPageServer() {
    var plane = new ControlPlane("c1");
    plane.registry.create(new DatabaseName("shop"), Optional.empty(), soon());
    ShardId shop = plane.registry.registered().getFirst().rootShard();
    var host = shardHost(store, plane.nodes, plane.shards, System::nanoTime);
    assertThatThrownBy(() -> host.open(shop, Deadline.after(System.nanoTime(), 0)))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
              assertThat(e.message()).contains("waits for a page server");
            });
    assertThat(plane.lifecycle.waiting()).hasSize(1);
    new FakePageServer("a");
    until(() -> plane.registry.byName("shop").filter(db -> db.ready()).isPresent());
    assertThat(ownedBy("a")).isEqualTo(1);
  }

  @Test
  void logsBeginOnSafekeepersThatAreKnown() {
    var nodes = NodeRegistry.watch(store, System::nanoTime, soon());
    var safekeepers = new KnownSafekeepers(nodes, 3);
    var shard = ShardId.root(new DatabaseId("shop"));
    assertThatThrownBy(() -> safekeepers.choose(shard)).isInstanceOf(SheafException.class);
    var kept = new ArrayList<Process>();
    for (int number = 1; number <= 3; number++) {
      kept.add(new Process("sk-" + number, NodeRole.SAFEKEEPER));
    }
    until(() -> nodes.with(NodeRole.SAFEKEEPER).size() == 3);
    assertThat(safekeepers.choose(shard)).containsExactlyInAnyOrder("sk-1", "sk-2", "sk-3");
    kept.getFirst().vanish();
    until(() -> nodes.with(NodeRole.SAFEKEEPER).size() == 2);
    assertThat(safekeepers.choose(shard)).as("it may come back").hasSize(3).endsWith("sk-1");
    kept.get(1).vanish();
    until(() -> nodes.with(NodeRole.SAFEKEEPER).size() == 1);
    assertThatThrownBy(() -> safekeepers.choose(shard)).isInstanceOf(SheafException.class);
  }
}
