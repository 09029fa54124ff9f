package dev.sheaf.system.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Simulation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An owner without manners: it takes the log in the next term whenever it likes, whoever has it,
 * and appends as fast as it can until something stops it. No lease keeps two of them apart; only
 * the log itself does.
 */
final class LogOwner implements Owner {
  private static final long OPEN_MILLIS = 2_000;

  private final World world;
  private final Simulation simulation;
  private final Machine machine;
  private final AtomicLong terms;
  private int membersChanged;

  /**
   * @param terms the last one granted
   */
  LogOwner(World world, String name, AtomicLong terms) {
    this.world = world;
    this.simulation = world.simulation;
    this.machine = simulation.machine(name);
    this.terms = terms;
  }

  @Override
  public Machine machine() {
    return machine;
  }

  @Override
  public void start() {
    if (!machine.isUp()) {
      machine.start(() -> {
        while (simulation.nanos() < World.CHAOS_NANOS) {
          pause(600);
          own(nextTerm());
        }
      });
    }
  }

  @Override
  public void crash() {
    machine.crash();
  }

  @Override
  public void release() {}

  /** Now and then a term is granted twice: the second one must not get anywhere by it. */
  private Term nextTerm() {
    boolean again = terms.get() > 0 && simulation.random().nextInt(8) == 0;
    return new Term(again ? terms.get() : terms.incrementAndGet());
  }

  private void own(Term term) {
    QuorumLogFactory logs = world.logs(machine);
    try (ShardLog log = world.log.witnessed(machine.name(), logs.create(World.SHARD))) {
      log.open(term, Deadline.after(machine.nanos(), OPEN_MILLIS));
      log.replay(
          log.startLsn(),
          (start, end, payload) -> {},
          Deadline.after(machine.nanos(), OPEN_MILLIS));
      append(log, term);
    } catch (SheafException stopped) {
      simulation.note(machine.name(), "term " + term + " is over: " + stopped.message());
    }
  }

  private void append(ShardLog log, Term term) {
    int records = 1 + simulation.random().nextInt(200);
    var acknowledged = new AtomicLong();
    for (int i = 0; i < records && log.isLeader(); i++) {
      int bytes = simulation.random().nextInt(simulation.random().nextInt(10) == 0 ? 3_000 : 100);
      byte[] payload = (term + ":" + i + "x".repeat(bytes)).getBytes(UTF_8);
      CompletableFuture<Void> _ =
          log.append(payload).thenAccept(end -> acknowledged.set(end.value()));
      if (simulation.random().nextInt(20) == 0) {
        log.forgetBelow(new Lsn(acknowledged.get()));
      }
      if (simulation.random().nextInt(60) == 0) {
        machine.spawn(0, "changes members", () -> changeMembers(log));
      }
      if (simulation.random().nextInt(3) == 0) {
        pause(20);
      }
    }
    pause(100);
  }

  /** It may fail, and it may take effect although it failed. */
  private void changeMembers(ShardLog log) {
    log.changeMembers(world.anyMembers(), Deadline.after(machine.nanos(), OPEN_MILLIS));
    membersChanged++;
  }

  /** Changes of members that came to their end. */
  int membersChanged() {
    return membersChanged;
  }

  private void pause(long mostMillis) {
    try {
      Thread.sleep(simulation.random().nextLong(mostMillis));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
