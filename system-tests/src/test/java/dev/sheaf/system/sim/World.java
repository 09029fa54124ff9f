package dev.sheaf.system.sim;

import dev.sheaf.log.NodeId;
import dev.sheaf.log.Proposer;
import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.pageserver.log.LogMembers;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.QuorumLogSettings;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.testkit.sim.Disk;
import dev.sheaf.testkit.sim.Faults;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Network;
import dev.sheaf.testkit.sim.SimTimer;
import dev.sheaf.testkit.sim.SimulatedCoordination;
import dev.sheaf.testkit.sim.SimulatedObjectStore;
import dev.sheaf.testkit.sim.Simulation;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** All machines of one run and what lies between them. */
final class World {
  static final ShardId SHARD = ShardId.root(new DatabaseId("db"));

  /** Small batches and buffers, so that laggards, donors and refusals come up. */
  private static final QuorumLogSettings LOG =
      new QuorumLogSettings(new Proposer.Limits(2_000, 40_000, 3_000), 500, 3_000, 10, 300);

  /** Chaos ends here. */
  static final long CHAOS_NANOS = 10_000_000_000L;

  /** What is not decided by now never will be. */
  static final long GIVE_UP_NANOS = CHAOS_NANOS + 30_000_000_000L;

  final Simulation simulation;
  final Faults faults;
  final Network network;
  final SimulatedCoordination coordination;
  final SimulatedObjectStore objects;
  final List<SafekeeperNode> safekeepers = new ArrayList<>();
  final List<Owner> owners;
  private final int members;
  final LogWitness log;

  /** What the object store holds, without a way to it that could fail. */
  final MemoryObjectStore stored = new MemoryObjectStore();

  private final Map<ShardId, LogWitness> logs = new HashMap<>();
  private final Map<ShardId, TimeWitness> times = new HashMap<>();

  /**
   * @param spare safekeepers that a log begins without
   * @param owners makes the machines that will own the log
   */
  World(
      Simulation simulation,
      Faults faults,
      LogWitness log,
      int spare,
      Function<World, List<Owner>> owners) {
    this.simulation = simulation;
    this.faults = faults;
    this.network = new Network(simulation, Faults.NONE);
    this.coordination = new SimulatedCoordination(simulation, Faults.NONE);
    this.objects = new SimulatedObjectStore(simulation, stored, Faults.NONE);
    this.log = log;
    this.logs.put(SHARD, log);
    this.members = List.of(3, 3, 3, 5).get(simulation.random().nextInt(4));
    int damaged = simulation.random().nextInt(members);
    for (int i = 0; i < members + spare; i++) {
      var disk = new Disk(simulation, Faults.NONE);
      safekeepers.add(new SafekeeperNode(simulation, new NodeId("sk-" + i), disk, i == damaged));
    }
    this.owners = owners.apply(this);
    simulation.invariant(() -> safekeepers.forEach(SafekeeperNode::checkStates));
  }

  /** Who sees a shard's log: {@link #log} is that of the shard that each run has. */
  LogWitness log(ShardId shard) {
    return logs.computeIfAbsent(shard, _ -> new LogWitness(simulation, true));
  }

  /** Terms in which logs were opened. */
  long terms() {
    return logs.values().stream().mapToLong(LogWitness::terms).sum();
  }

  /** Who sees what timestamps a shard gives out. */
  TimeWitness time(ShardId shard) {
    return times.computeIfAbsent(shard, _ -> new TimeWitness(simulation));
  }

  void start() {
    safekeepers.forEach(SafekeeperNode::start);
    owners.forEach(Owner::start);
  }

  /** From now on the faults of this run happen; or none. */
  void setFaults(Faults next) {
    network.setFaults(next);
    coordination.setFaults(next);
    objects.setFaults(next);
    safekeepers.forEach(each -> each.disk.setFaults(next));
  }

  /** Everything works again, and what is down starts. */
  void heal() {
    setFaults(Faults.NONE);
    network.healAll();
    objects.setDown(false);
    for (Machine machine : machines()) {
      coordination.setReachable(machine, true);
      machine.setWallOffset(0);
    }
    safekeepers.forEach(each -> each.disk.setFull(false));
    start();
  }

  private Map<NodeId, SafekeeperService> reachedFrom(Machine machine) {
    Map<NodeId, SafekeeperService> reached = new TreeMap<>();
    safekeepers.forEach(each -> reached.put(each.id, each.reachedFrom(machine, network)));
    return reached;
  }

  /** Who keeps the log, as a machine in its present life finds out. */
  LogMembers logMembers(Machine machine) {
    List<NodeId> first = safekeepers.stream().limit(members).map(each -> each.id).toList();
    return new LogMembers(
        coordination.client(machine), reachedFrom(machine)::get, shard -> first, machine::nanos);
  }

  /** Logs of an owner on a machine in its present life; new ones over the first safekeepers. */
  QuorumLogFactory logs(Machine machine) {
    Map<NodeId, SafekeeperService> reached = reachedFrom(machine);
    return new QuorumLogFactory(
        logMembers(machine),
        reached::get,
        LOG,
        machine::nanos,
        simulation.random()::nextLong,
        machine.executor("log"),
        new SimTimer(machine));
  }

  /** Any safekeepers, as many as a log has. */
  List<NodeId> anyMembers() {
    var nodes = new ArrayList<>(safekeepers.stream().map(each -> each.id).toList());
    Collections.shuffle(nodes, simulation.random());
    return List.copyOf(nodes.subList(0, members));
  }

  /** Runs until something has happened, which it must in time. */
  void expect(long untilNanos, String what, List<Machine> others, BooleanSupplier happened) {
    if (!simulation.run(untilNanos, happened)) {
      var waiting = new ArrayList<String>();
      machines().forEach(machine -> waiting.addAll(machine.waiting()));
      others.forEach(machine -> waiting.addAll(machine.waiting()));
      simulation.fail(
          new SimulationFailure(
              "it does not happen in time that " + what + "; threads " + waiting));
      simulation.after(0, what, () -> {});
      boolean _ = simulation.run(Long.MAX_VALUE, () -> false);
    }
  }

  /** Servers, not clients. */
  List<Machine> machines() {
    var machines = new ArrayList<Machine>();
    safekeepers.forEach(each -> machines.add(each.machine));
    owners.forEach(each -> machines.add(each.machine()));
    return machines;
  }
}
