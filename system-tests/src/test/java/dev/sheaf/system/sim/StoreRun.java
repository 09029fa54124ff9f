package dev.sheaf.system.sim;

import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;
import dev.sheaf.testkit.sim.Faults;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Simulation;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One life of a family of databases whose page servers compact, sweep and forget the past all the
 * time, while branches come and go: chaos, healing, the last reads, and then a look at what is left
 * in the object store, which must be what is named and nothing else.
 */
final class StoreRun {
  private static final int READERS = 8;
  private static final int MANAGERS = 2;
  private static final int MOST_DATABASES = 5;
  private static final long NEVER_NANOS = World.GIVE_UP_NANOS + 120_000_000_000L;

  private final Simulation simulation;
  private final World world;
  private final List<PageServerNode> pageServers = new ArrayList<>();
  private final FamilyHosting hosting = new FamilyHosting();
  private final Nemesis nemesis;
  private final Machine machine;
  private final StoreClients clients;
  private final StoredTruth truth;
  private final List<History> live = new ArrayList<>();
  private Registry registry;
  private int branches;
  private long deleted;
  private int running;
  private boolean ready;
  private boolean checked;

  private StoreRun(long seed, Path scratch) {
    simulation = new Simulation(seed);
    int servers = 2 + simulation.random().nextInt(2);
    world =
        new World(
            simulation,
            Faults.draw(simulation.random()).withoutRot(),
            new LogWitness(simulation, true),
            0,
            made -> {
              for (int i = 0; i < servers; i++) {
                String name = "ps-" + i;
                pageServers.add(new PageServerNode(made, name, scratch.resolve(name), hosting));
              }
              return List.copyOf(pageServers);
            });
    nemesis = new Nemesis(world, false);
    machine = simulation.machine("clients");
    clients = new StoreClients(world, pageServers, machine);
    truth = new StoredTruth(world.stored);
  }

  /**
   * Runs one seed; the entry for callers that cannot name the woven classes.
   *
   * @return what happened: counts by name
   */
  public static Map<String, Long> run(long seed) {
    try {
      Path scratch = Files.createTempDirectory("sheaf-sim");
      var run = new StoreRun(seed, scratch);
      try {
        return run.run();
      } finally {
        run.simulation.close();
        ClusterRun.deleteAll(scratch);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Long> run() {
    machine.start(this::begin);
    world.expect(World.CHAOS_NANOS, "the first database is there", List.of(machine), () -> ready);
    world.setFaults(world.faults);
    nemesis.begin();
    look();
    move();
    for (int i = 0; i < READERS; i++) {
      boolean slow = i % 4 > 0;
      start("reader " + i, random -> read(random, slow));
    }
    for (int i = 0; i < MANAGERS; i++) {
      start("manager " + i, this::manage);
    }
    boolean _ = simulation.run(World.CHAOS_NANOS, () -> false);
    world.heal();
    world.expect(
        World.GIVE_UP_NANOS + 10_000_000_000L,
        "all clients end",
        List.of(machine),
        () -> running == 0);
    machine.spawn("check", this::check);
    world.expect(NEVER_NANOS, "the last checks are done", List.of(machine), () -> checked);
    return report();
  }

  private interface Client {
    void live(Random random);
  }

  private void start(String what, Client client) {
    var random = new Random(simulation.random().nextLong());
    running++;
    machine.spawn(
        what,
        () -> {
          client.live(random);
          running--;
        });
  }

  private void begin() {
    registry = new Registry(world.coordination.client(machine));
    registry.addFirst(World.SHARD);
    world.start();
    add(new History(World.SHARD));
    ready = true;
  }

  private void add(History database) {
    live.add(database);
    start("writer of " + database.shard(), random -> clients.write(database, random));
  }

  /** Now and then, from outside. */
  private void look() {
    deleted += truth.checkNamed(live.stream().map(History::shard).toList());
    if (simulation.nanos() < NEVER_NANOS) {
      simulation.after(simulation.betweenMillis(50, 400), "a look at the store", this::look);
    }
  }

  /** Shards go elsewhere, or come back, while they are read. */
  private void move() {
    if (simulation.nanos() < World.CHAOS_NANOS) {
      pageServers.get(simulation.random().nextInt(pageServers.size())).release();
      simulation.after(simulation.betweenMillis(500, 3_000), "shards move", this::move);
    }
  }

  private void pause(int mostMillis) {
    try {
      Thread.sleep(simulation.random().nextInt(mostMillis));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read(Random random, boolean slow) {
    var sessions = new HashMap<History, Session>();
    while (simulation.nanos() < World.CHAOS_NANOS) {
      History database = live.get(random.nextInt(live.size()));
      Session session = sessions.computeIfAbsent(database, clients::session);
      try {
        clients.readOnce(database, session, random, slow);
      } catch (SheafException unavailable) {
        clients.count("reads refused");
      }
      pause(40);
    }
  }

  // ---- branches

  private void manage(Random random) {
    var own = new ArrayList<History>();
    while (simulation.nanos() < World.CHAOS_NANOS) {
      pause(900);
      if (live.size() < MOST_DATABASES && random.nextInt(3) > 0) {
        branch(random).ifPresent(own::add);
      } else if (!own.isEmpty()) {
        History chosen = own.get(random.nextInt(own.size()));
        if (delete(chosen)) {
          own.remove(chosen);
        }
      }
    }
  }

  private Optional<History> branch(Random random) {
    History parent = live.get(random.nextInt(live.size()));
    Timestamp at = parent.any(random);
    if (at.equals(Timestamp.ZERO) || parent.at(at).isEmpty()) {
      return Optional.empty();
    }
    ShardId shard = ShardId.root(new DatabaseId("b" + ++branches));
    if (!surely(() -> registry.branch(shard, parent.shard(), at))) {
      return Optional.empty();
    }
    Session session = clients.session(parent);
    while (true) {
      try {
        session.branch(shard, at);
        break;
      } catch (SheafException e) {
        clients.checkRefusal(parent, at, e);
        if (e.code() == ErrorCode.SNAPSHOT_TOO_OLD) {
          remove(shard);
          return Optional.empty();
        }
        pause(100);
      }
    }
    boolean _ = surely(() -> registry.advance(shard, Registry.State.READY));
    clients.count("branches");
    var child = new History(shard, parent, at);
    add(child);
    return Optional.of(child);
  }

  /** False if it has branches. */
  private boolean delete(History database) {
    if (!surely(() -> registry.advance(database.shard(), Registry.State.DELETING))) {
      return false;
    }
    database.delete();
    live.remove(database);
    remove(database.shard());
    clients.count("branches deleted");
    return true;
  }

  private void remove(ShardId shard) {
    boolean _ = surely(() -> registry.advance(shard, Registry.State.DELETING));
    while (true) {
      for (PageServerNode node : pageServers) {
        boolean _ = ask(node, "discard", () -> node.server().discard(shard));
      }
      PageServerNode node = pageServers.get(simulation.random().nextInt(pageServers.size()));
      boolean removed =
          ask(
              node,
              "remove",
              () -> {
                Registry there = new Registry(world.coordination.client(node.machine));
                there.find(shard).ifPresent(known -> hosting.remove(node, known));
              });
      if (removed) {
        break;
      }
      pause(200);
    }
    boolean _ =
        surely(() -> {
          registry.remove(shard);
          return true;
        });
  }

  private interface Step {
    boolean done();
  }

  /** Until coordination has answered. */
  private boolean surely(Step step) {
    while (true) {
      try {
        return step.done();
      } catch (SheafException unavailable) {
        pause(50);
      }
    }
  }

  private boolean ask(PageServerNode node, String what, Runnable action) {
    try {
      return world
          .network
          .call(
              machine,
              node.machine,
              what,
              () -> {
                action.run();
                return CompletableFuture.completedFuture(true);
              })
          .get(12_000, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- the end

  private void check() {
    var random = new Random(simulation.random().nextLong());
    for (History database : live) {
      checkPast(database);
    }
    Set<String> left = Set.of();
    for (int round = 0; round < 6; round++) {
      left = sweepAll(random);
      if (left.isEmpty()) {
        break;
      }
    }
    if (!left.isEmpty()) {
      throw new SimulationFailure(
          "nobody needs, but nobody deletes %s; there are %s; plans: %s"
              .formatted(left, live.stream().map(History::shard).toList(), plans()));
    }
    for (History database : live) {
      checkPast(database);
      checkObjects(database);
    }
    checked = true;
  }

  /** As of all times that are still readable. */
  private void checkPast(History database) {
    Session session = clients.session(database);
    boolean settled = false;
    while (!settled) {
      try {
        Timestamp now = session.snapshot();
        if (database.at(Timestamp.MAX).isPresent()) {
          database.settle(now);
        }
        settled = true;
      } catch (SheafException unavailable) {
        session.pause(100);
      }
    }
    var times = new ArrayList<>(database.changes());
    times.add(database.settled());
    for (Timestamp at : times) {
      database
          .at(at)
          .filter(state -> clients.isRecent(at) || at.equals(database.settled()))
          .ifPresent(state -> readAt(database, at, state, session));
    }
  }

  private void readAt(History database, Timestamp at, TreeMap<Long, Long> state, Session session) {
    while (true) {
      try {
        clients.check(database, at, state, session, 0);
        return;
      } catch (SheafException e) {
        if (e.code() == ErrorCode.SNAPSHOT_TOO_OLD) {
          return;
        }
        session.pause(100);
      }
    }
  }

  /** What is left when each database had its turn: branches first, which keep what others wrote. */
  private Set<String> sweepAll(Random random) {
    live.reversed().forEach(database -> sweep(database, random));
    return superfluous();
  }

  /** A new owner publishes, lists what there is, and deletes what it can. */
  private void sweep(History database, Random random) {
    for (PageServerNode node : pageServers) {
      boolean _ =
          ask(
              node,
              "release",
              () ->
                  node.server()
                      .release(database.shard(), Deadline.after(node.machine.nanos(), 5_000)));
    }
    Session session = clients.session(database);
    boolean written = database.at(Timestamp.MAX).isEmpty();
    while (!written) {
      try {
        written = clients.writeOnce(database, session, random);
      } catch (SheafException unavailable) {
        session.pause(100);
      }
    }
    for (PageServerNode node : pageServers) {
      boolean _ =
          ask(
              node,
              "flush",
              () ->
                  node.server()
                      .flush(database.shard(), Deadline.after(node.machine.nanos(), 5_000)));
    }
    String folder = new ShardObjects(database.shard()).folder();
    long until = simulation.nanos() + 10 * FamilyHosting.GRACE_MILLIS * 1_000_000;
    int quiet = 0;
    while (quiet < 3 && simulation.nanos() < until) {
      pause(500);
      quiet = superfluous().stream().anyMatch(key -> key.startsWith(folder)) ? 0 : quiet + 1;
    }
  }

  /** What the owners think of what is left, for people. */
  private List<Leftover> plans() {
    var plans = new ArrayList<Leftover>();
    for (History database : live) {
      SweepPlan plan =
          clients
              .session(database)
              .persist("plan", (shards, deadline) -> shards.planSweep(database.shard(), deadline));
      plans.addAll(plan.leftovers());
    }
    return plans;
  }

  private Set<String> superfluous() {
    return truth.superfluous(live.stream().map(History::shard).toList());
  }

  /** As an operator checks them: every byte of what is stored. */
  private void checkObjects(History database) {
    var findings = new ArrayList<Finding>();
    Checked _ =
        clients
            .session(database)
            .persist(
                "check",
                (shards, deadline) -> {
                  findings.clear();
                  return shards.check(database.shard(), new Listener(findings), deadline);
                });
    if (!findings.isEmpty()) {
      throw new SimulationFailure("a check of " + database.shard() + " finds " + findings);
    }
  }

  private record Listener(List<Finding> findings) implements CheckListener {
    @Override
    public void progress(Checked soFar) {}

    @Override
    public void found(Finding finding) {
      findings.add(finding);
    }
  }

  private Map<String, Long> report() {
    var report = new TreeMap<String, Long>();
    report.put("hash", simulation.trace().hash());
    report.put("events", simulation.trace().events());
    report.put("next random", simulation.random().nextLong());
    report.put("virtual ms", simulation.nanos() / 1_000_000);
    report.put("records acknowledged", clients.counts().get("commits").get());
    report.put("terms", world.terms());
    report.put("objects deleted", deleted);
    clients.counts().forEach((what, times) -> report.put("clients: " + what, times.get()));
    nemesis.blows().forEach((blow, times) -> report.put("nemesis: " + blow, (long) times));
    return report;
  }
}
