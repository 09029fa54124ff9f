package dev.sheaf.system.sim;

import dev.sheaf.log.Configuration;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.sim.Faults;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Simulation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One life of a log alone, with owners that fight for it: what leases keep from happening in {@link
 * ClusterRun} happens here all the time.
 */
final class LogRun {
  private final Simulation simulation;
  private final World world;
  private final Nemesis nemesis;
  private final AtomicLong terms = new AtomicLong();
  private final Machine last;
  private boolean checked;
  private boolean majorityLost;

  private LogRun(long seed) {
    simulation = new Simulation(seed);
    int owners = 2 + simulation.random().nextInt(2);
    world =
        new World(
            simulation,
            Faults.draw(simulation.random()),
            new LogWitness(simulation, false),
            2,
            made ->
                List.of("owner-0", "owner-1", "owner-2").stream()
                    .limit(owners)
                    .<Owner>map(name -> new LogOwner(made, name, terms))
                    .toList());
    nemesis = new Nemesis(world);
    last = simulation.machine("last");
  }

  /**
   * Runs one seed; the entry for callers that cannot name the woven classes.
   *
   * @return what happened: counts by name
   */
  public static Map<String, Long> run(long seed) {
    var run = new LogRun(seed);
    try {
      return run.run();
    } finally {
      run.simulation.close();
    }
  }

  private Map<String, Long> run() {
    world.setFaults(world.faults);
    world.start();
    nemesis.begin();
    boolean _ = simulation.run(World.CHAOS_NANOS, () -> false);
    world.owners.forEach(Owner::crash);
    world.heal();
    world.owners.forEach(Owner::crash);
    last.start(this::check);
    world.expect(
        simulation.nanos() + 40_000_000_000L,
        "a last owner has all records on all safekeepers",
        List.of(last),
        () -> checked);
    var report = new TreeMap<String, Long>();
    report.put("hash", simulation.trace().hash());
    report.put("events", simulation.trace().events());
    report.put("next random", simulation.random().nextLong());
    report.put("records acknowledged", world.log.acknowledged());
    long changes =
        world.owners.stream().mapToLong(each -> ((LogOwner) each).membersChanged()).sum();
    report.put("members changed", changes);
    report.put("majority lost", majorityLost ? 1L : 0L);
    report.put("terms", (long) world.log.terms());
    return report;
  }

  /** Everything works again: all that was committed is there, and every safekeeper catches up. */
  private void check() {
    while (!checked) {
      Deadline deadline = Deadline.after(last.nanos(), 10_000);
      try (ShardLog log = world.log.witnessed("last", world.logs(last).create(World.SHARD))) {
        log.open(new Term(terms.incrementAndGet()), deadline);
        log.replay(log.startLsn(), (start, end, payload) -> {}, deadline);
        log.append(new byte[10]).join();
        while (!isEverywhere(log)) {
          Thread.sleep(50);
        }
        checked = true;
      } catch (SheafException notYet) {
        simulation.note("last", notYet.message());
        majorityLost = isMajorityLost();
        checked |= majorityLost;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * Whether no owner can open the log any more, and rightly so: the one safekeeper with a damaged
   * disk is out for good before all others were admitted, so fewer than a majority have a vote.
   */
  private boolean isMajorityLost() {
    try {
      Optional<Configuration> stored = world.logMembers(last).find(World.SHARD);
      return stored.isPresent()
          && !stored
              .get()
              .isQuorum(
                  member -> world.safekeepers.stream().anyMatch(each -> each.canVoteAs(member)));
    } catch (SheafException unavailable) {
      return false;
    }
  }

  /** A change of members on its way is completed, and all members have all records. */
  private boolean isEverywhere(ShardLog log) {
    Configuration now = log.configuration();
    return !now.isJoint()
        && world.safekeepers.stream()
            .filter(each -> now.nodes().contains(each.id))
            .noneMatch(each -> each.isBehind(log.endLsn()));
  }
}
