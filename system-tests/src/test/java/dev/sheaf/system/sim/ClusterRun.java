package dev.sheaf.system.sim;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.system.sim.Session.Outcome;
import dev.sheaf.testkit.sim.Faults;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * One life of a cluster, all of it drawn from one seed: start, chaos under load, healing, rest, and
 * the checks of what is left.
 */
final class ClusterRun {
  private static final int CLIENTS = 5;

  private final Simulation simulation;
  private final World world;
  private final List<PageServerNode> pageServers = new ArrayList<>();
  private final Nemesis nemesis;
  private final List<Workload> workloads =
      List.of(new Bank(), new SetOfNumbers(), new Lists(), new Counter());
  private final Machine clients;
  private int running;
  private int steps;
  private int refused;
  private boolean ready;
  private boolean checked;

  private ClusterRun(long seed, Path scratch) {
    simulation = new Simulation(seed);
    int servers = 2 + simulation.random().nextInt(2);
    world =
        new World(
            simulation,
            Faults.draw(simulation.random()),
            new LogWitness(simulation, true),
            0,
            made -> {
              for (int i = 0; i < servers; i++) {
                pageServers.add(new PageServerNode(made, "ps-" + i, scratch.resolve("ps-" + i)));
              }
              return List.copyOf(pageServers);
            });
    nemesis = new Nemesis(world);
    clients = simulation.machine("clients");
  }

  /**
   * Runs one seed; the entry for callers that cannot name the woven classes.
   *
   * @return what happened: counts by name
   */
  public static Map<String, Long> run(long seed) {
    try {
      Path scratch = Files.createTempDirectory("sheaf-sim");
      var run = new ClusterRun(seed, scratch);
      try {
        return run.run();
      } finally {
        run.simulation.close();
        deleteAll(scratch);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void deleteAll(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Map<String, Long> run() {
    world.start();
    clients.start(this::fill);
    expect(World.CHAOS_NANOS, "the cluster comes up", () -> ready);
    world.setFaults(world.faults);
    nemesis.begin();
    for (int i = 0; i < CLIENTS; i++) {
      long seed = simulation.random().nextLong();
      running++;
      clients.spawn("client " + i, () -> live(new Random(seed)));
    }
    boolean _ = simulation.run(World.CHAOS_NANOS, () -> false);
    world.heal();
    // What the nemesis had planned to mend, it mends again: harmless by now.
    expect(World.GIVE_UP_NANOS + 10_000_000_000L, "all clients end", () -> running == 0);
    clients.spawn("check", this::check);
    expect(simulation.nanos() + 30_000_000_000L, "the last reads are answered", () -> checked);
    return report();
  }

  private void expect(long untilNanos, String what, BooleanSupplier happened) {
    world.expect(untilNanos, what, List.of(clients), happened);
  }

  /** The rows that the workloads start from. */
  private void fill() {
    var session = new Session(world, pageServers, clients);
    for (Workload workload : workloads) {
      boolean done = workload.initial().isEmpty();
      while (!done) {
        try {
          done =
              session.commit(session.snapshot(), workload.initial()) instanceof Outcome.Committed;
        } catch (SheafException unavailable) {
          session.pause(100);
        }
      }
    }
    ready = true;
  }

  private void live(Random random) {
    var session = new Session(world, pageServers, clients);
    while (simulation.nanos() < World.CHAOS_NANOS) {
      Workload workload = workloads.get(random.nextInt(workloads.size()));
      try {
        workload.step(session, random);
        steps++;
      } catch (SheafException unavailable) {
        refused++;
        session.pause(100);
      }
      session.pause(150);
    }
    running--;
  }

  private void check() {
    var session = new Session(world, pageServers, clients);
    for (Workload workload : workloads) {
      boolean done = false;
      while (!done) {
        try {
          workload.check(session);
          done = true;
        } catch (SheafException unavailable) {
          session.pause(100);
        }
      }
    }
    checked = true;
  }

  private Map<String, Long> report() {
    var report = new TreeMap<String, Long>();
    report.put("hash", simulation.trace().hash());
    report.put("events", simulation.trace().events());
    report.put("next random", simulation.random().nextLong());
    report.put("virtual ms", simulation.nanos() / 1_000_000);
    report.put("steps", (long) steps);
    report.put("steps refused", (long) refused);
    report.put("records acknowledged", world.log.acknowledged());
    report.put("terms", (long) world.log.terms());
    nemesis.blows().forEach((blow, times) -> report.put("nemesis: " + blow, (long) times));
    return report;
  }
}
