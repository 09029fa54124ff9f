package dev.sheaf.system.sim;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.serve.Safekeeper;
import dev.sheaf.testkit.sim.Disk;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Network;
import dev.sheaf.testkit.sim.Simulation;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A machine with a disk and a safekeeper on it, as production runs it. */
final class SafekeeperNode {
  private static final JournalSettings SMALL = new JournalSettings(16 << 10, 64 << 10, 4 << 20);

  final NodeId id;
  final Machine machine;
  final Disk disk;
  private final Simulation simulation;
  private final boolean mayBeDamaged;
  private @Nullable Safekeeper safekeeper;
  private boolean lost;
  private long incarnation;

  /** The last durable state that anybody saw, by log. */
  private Map<ShardId, AcceptorState> seen = Map.of();

  /**
   * @param mayBeDamaged whether bits may turn on its disk
   */
  SafekeeperNode(Simulation simulation, NodeId id, Disk disk, boolean mayBeDamaged) {
    this.simulation = simulation;
    this.id = id;
    this.machine = simulation.machine(id.value());
    this.disk = disk;
    this.mayBeDamaged = mayBeDamaged;
    if (mayBeDamaged) {
      disk.letRot();
    }
  }

  void start() {
    if (!lost && !machine.isUp()) {
      machine.start(this::open);
    }
  }

  private void open() {
    try {
      Journal journal =
          Journal.open(
              new SimulatedJournalStorage(disk),
              SMALL,
              id,
              simulation.random().nextLong(1, Long.MAX_VALUE),
              machine.threads("journal"),
              error -> haltSoon("its disk failed: " + error));
      incarnation = journal.incarnation();
      safekeeper = new Safekeeper(journal, machine.executor("safekeeper"));
    } catch (SheafException e) {
      if (e.code() == ErrorCode.DATA_CORRUPTED) {
        if (!mayBeDamaged) {
          throw new SimulationFailure(id + " finds its sound journal damaged", e);
        }
        lost = true;
      }
      haltSoon("cannot open its journal: " + e.message());
    }
  }

  /** Somebody starts the process again, or the whole machine. */
  private void haltSoon(String why) {
    int incarnation = machine.incarnation();
    simulation.after(
        0,
        id + " halts: " + why,
        () -> {
          if (machine.isUp() && machine.incarnation() == incarnation) {
            crash(simulation.random().nextBoolean());
            simulation.after(simulation.betweenMillis(50, 1_000), id + " starts", this::start);
          }
        });
  }

  /**
   * @param power whether the disk forgets what was not synced, too
   */
  void crash(boolean power) {
    machine.crash();
    safekeeper = null;
    if (power) {
      disk.crash();
    }
  }

  /** Whether it is the member that a log trusts, and its disk is not damaged. */
  boolean canVoteAs(Member member) {
    return id.equals(member.node()) && incarnation == member.incarnation() && !lost;
  }

  /** Whether it lacks part of the log, and not because its disk is damaged. */
  boolean isBehind(Lsn end) {
    AcceptorState state = seen.get(World.SHARD);
    return !lost && (state == null || state.end().isBefore(end));
  }

  /** What it holds durably never takes back a promise. */
  void checkStates() {
    Safekeeper open = safekeeper;
    if (open == null || !machine.isUp()) {
      return;
    }
    Map<ShardId, AcceptorState> states = open.states();
    if (states.equals(seen)) {
      return;
    }
    seen.forEach((log, before) -> {
      AcceptorState now = states.get(log);
      if (now == null
          || now.promised().compareTo(before.promised()) < 0
          || (now.start().isBefore(before.start()) && !isRetired(now))
          || now.configuration().generation() < before.configuration().generation()) {
        throw new SimulationFailure(
            "%s forgot what was durable of %s: %s became %s".formatted(id, log, before, now));
      }
    });
    seen = states;
  }

  /** One that is no member any more has no log, and may get it anew. */
  private boolean isRetired(AcceptorState state) {
    return state.end().equals(Lsn.ZERO);
  }

  /** The safekeeper as a caller on another machine reaches it. */
  SafekeeperService reachedFrom(Machine caller, Network network) {
    return new SafekeeperService() {
      @Override
      public CompletableFuture<Reply> request(ShardId log, Request request, Deadline deadline) {
        return call(
            request.getClass().getSimpleName(), s -> s.request(log, request, here(deadline)));
      }

      @Override
      public CompletableFuture<byte[]> read(ShardId log, ReadRange range, Deadline deadline) {
        return call("read", s -> s.read(log, range, here(deadline)));
      }

      @Override
      public CompletableFuture<Long> incarnation(Deadline deadline) {
        return call("incarnation", s -> s.incarnation(here(deadline)));
      }

      private Deadline here(Deadline deadline) {
        return new Deadline(machine.nanos() + deadline.remainingNanos(caller.nanos()));
      }

      private <T> CompletableFuture<T> call(
          String what, Function<SafekeeperService, CompletableFuture<T>> call) {
        return network.callPerhapsTwice(
            caller,
            machine,
            what,
            () -> {
              Safekeeper open = safekeeper;
              return open == null
                  ? CompletableFuture.failedFuture(
                      new SheafException(ErrorCode.CANNOT_CONNECT_NOW, id + " is starting"))
                  : call.apply(open);
            });
      }
    };
  }
}
