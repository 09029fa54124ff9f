package dev.sheaf.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeInfo;
import dev.sheaf.rpc.cluster.NodeInfo.Addresses;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.cluster.NodeRegistration;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.NodeRole;
import dev.sheaf.rpc.cluster.NodeState;
import dev.sheaf.rpc.cluster.ShardKeys;
import dev.sheaf.rpc.cluster.ShardMap;
import dev.sheaf.testkit.coordination.SeveredCoordination;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeRegistrationTest {
  private static final Addresses HERE =
      new Addresses(Optional.of("10.0.0.7:31400"), Optional.empty(), Optional.of("[::1]:31337"));

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EmbeddedCoordination store =
      EmbeddedCoordination.inMemory(System::nanoTime, threads);
  private final NodeRegistry nodes = NodeRegistry.watch(store, System::nanoTime, soon());
  private final AtomicLong incarnations = new AtomicLong();

  @AfterEach
  void close() {
    timer.shutdownNow();
    nodes.close();
    store.close();
    threads.close();
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

  private NodeRegistration register(Coordination way, NodeLease lease, Deadline deadline) {
    return NodeRegistration.register(
        way,
        lease,
        NodeInfo.of("ps-1", Set.of(NodeRole.PAGESERVER, NodeRole.COMPUTE), HERE),
        incarnations::incrementAndGet,
        threads,
        timer,
        deadline);
  }

  @Test
  void othersSeeWhatANodeSaysUntilItEnds() {
    var lease = new NodeLease(store, 10_000, System::nanoTime);
    NodeRegistration mine = register(store, lease, soon());
    until(() -> nodes.byName("ps-1").isPresent());
    NodeInfo seen = nodes.byName("ps-1").orElseThrow();
    assertThat(seen).isEqualTo(mine.self());
    assertThat(seen.addresses()).isEqualTo(HERE);
    assertThat(seen.isUp(NodeRole.PAGESERVER)).isTrue();
    assertThat(seen.isUp(NodeRole.CONTROL)).isFalse();

    mine.report(3);
    mine.report(500);
    until(() -> nodes.byName("ps-1").orElseThrow().load() == 500);
    mine.report(510);
    mine.drain();
    until(() -> nodes.byName("ps-1").filter(n -> n.state() == NodeState.DRAINING).isPresent());
    assertThat(nodes.byName("ps-1").orElseThrow().load()).as("too small a change").isEqualTo(500);
    assertThat(nodes.with(NodeRole.PAGESERVER)).hasSize(1);

    mine.close();
    assertThat(NodeRegistry.read(store)).isEmpty();
    lease.close();
    assertThatThrownBy(lease::current)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ADMIN_SHUTDOWN));
  }

  @Test
  void aNameBelongsToOneProcessAtATime() {
    var first = new NodeLease(store, 10_000, System::nanoTime);
    register(store, first, soon());
    var second = new NodeLease(store, 10_000, System::nanoTime);
    assertThatThrownBy(() -> register(store, second, Deadline.after(System.nanoTime(), 1)))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_IN_USE);
              assertThat(e.message()).contains("ps-1", "10.0.0.7:31400");
            });
    timer.schedule(first::close, 50, TimeUnit.MILLISECONDS);
    assertThat(register(store, second, soon()).self().incarnation()).isGreaterThan(1);
  }

  @Test
  void aNodeThatLostItsLeaseComesBackAsAnotherIncarnation() {
    var ahead = new AtomicLong();
    var way = new SeveredCoordination(store, () -> System.nanoTime() + ahead.get());
    var lease = new NodeLease(way, 60, () -> System.nanoTime() + ahead.get());
    NodeRegistration mine = register(way, lease, soon());
    var again = new AtomicLong();
    mine.onChange(again::incrementAndGet);
    Coordination.Lease before = lease.current();

    way.cut();
    way.expireLeases();
    ahead.addAndGet(1_000_000_000L);
    assertThat(lease.isValid()).isFalse();
    until(() -> nodes.byName("ps-1").isEmpty());
    way.heal();
    until(() -> nodes.byName("ps-1").filter(node -> node.incarnation() > 1).isPresent());
    until(() -> again.get() > 0);
    assertThat(lease.isValid()).isTrue();
    assertThat(lease.current()).isNotSameAs(before);
  }

  @Test
  void aRequestToDrainIsForOneIncarnationOnly() {
    var lease = new NodeLease(store, 10_000, System::nanoTime);
    store.commit(List.of(), List.of(Change.put("drain/ps-1", "1")));
    register(store, lease, soon()).close();
    NodeRegistration mine = register(store, lease, soon());
    assertThat(store.get("drain/ps-1")).as("an old request").isEmpty();
    store.commit(List.of(), List.of(Change.put("drain/ps-10", "2"), Change.put("drain/ps-1", "2")));
    until(() -> mine.self().state() == NodeState.DRAINING);
    until(() -> nodes.byName("ps-1").filter(n -> n.state() == NodeState.DRAINING).isPresent());
  }

  @Test
  void theMapShowsWhoOwnsAShard() {
    var map = ShardMap.watch(store, System::nanoTime, soon());
    var shop = new ShardId(new DatabaseId("shop"), 0);
    var shop2 = new ShardId(new DatabaseId("shop"), 1);
    assertThat(map.get(shop).owner()).isEmpty();
    var lease = store.grantLease(10_000);
    store.commit(
        List.of(),
        List.of(
            Change.put(ShardKeys.assigned(shop), "ps-2"),
            Change.put(ShardKeys.grant(shop), "7 ps-1 1"),
            Change.put("shards/shop/nonsense", "?"),
            Change.put(ShardKeys.grant(shop2), "not a term"),
            new Change(ShardKeys.holder(shop), ShardKeys.holderValue("ps-1", 1, false), lease)));
    map.await(now -> now.get(shop).holder().isPresent(), soon());
    assertThat(map.get(shop).owner()).contains("ps-1");
    assertThat(map.get(shop).isServed()).isFalse();
    assertThat(map.get(shop).term()).isEqualTo(new Term(7));
    assertThat(map.get(shop).assignedRevision())
        .isEqualTo(store.get(ShardKeys.assigned(shop)).orElseThrow().modRevision());
    assertThat(map.all()).as("what cannot be read is left out").containsExactly(map.get(shop));
    assertThatThrownBy(() -> ShardMap.read(store)).isInstanceOf(SheafException.class);

    String serving = ShardKeys.holderValue("ps-1", 1, true);
    store.commit(List.of(), List.of(new Change(ShardKeys.holder(shop), serving, lease)));
    map.await(now -> now.get(shop).isServed(), soon());
    assertThat(map.get(shop).isHeldBy("ps-1")).isTrue();
    lease.close();
    map.await(now -> now.get(shop).holder().isEmpty(), soon());
    assertThat(map.get(shop).owner()).contains("ps-2");
    assertThat(map.knows(shop)).isTrue();
    store.commit(
        List.of(),
        List.of(Change.delete(ShardKeys.assigned(shop)), Change.delete(ShardKeys.grant(shop))));
    map.await(now -> !now.knows(shop), soon());
    map.close();
  }

  @Test
  void whatCannotBeANodeIsRefused() {
    for (String name : List.of("", "PS", "a b", "a/b", "x".repeat(64))) {
      assertThatThrownBy(() -> NodeInfo.of(name, Set.of(NodeRole.COMPUTE), Addresses.NONE))
          .as(name)
          .isInstanceOf(SheafException.class);
    }
    for (String value : List.of("", "v=2", "v=1 roles=king", "v=1 roles=compute state=up load=1")) {
      store.commit(List.of(), List.of(Change.put("nodes/x", value)));
      assertThatThrownBy(() -> NodeRegistry.read(store))
          .as(value)
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED));
    }
  }
}
