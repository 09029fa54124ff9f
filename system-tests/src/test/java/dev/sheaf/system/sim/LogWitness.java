package dev.sheaf.system.sim;

import dev.sheaf.pageserver.log.ForwardingShardLog;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.protocol.record.ShardRecordCodec;
import dev.sheaf.testkit.sim.Simulation;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sees every record that a log says is committed, and every replay, and holds them against each
 * other: committed records agree, what was acknowledged is there for each owner after, a term has
 * one leader, timestamps rise along the log, and an owner that came before another acknowledges
 * nothing that it took on after that.
 */
final class LogWitness {
  private record Committed(Term term, byte[] payload) {}

  private final Simulation simulation;
  private final boolean shardRecords;

  /** By the position after the record. */
  private final TreeMap<Lsn, Committed> committed = new TreeMap<>();

  private final Map<Term, Object> leaders = new HashMap<>();
  private Term newest = Term.NONE;
  private long acknowledged;

  /**
   * @param shardRecords whether the payloads are a shard's, with timestamps
   */
  LogWitness(Simulation simulation, boolean shardRecords) {
    this.simulation = simulation;
    this.shardRecords = shardRecords;
  }

  /** Production code may swallow what is thrown at it; the run ends all the same. */
  private SimulationFailure violated(String what) {
    var failure = new SimulationFailure(what);
    simulation.fail(failure);
    return failure;
  }

  /** The newest term in which an owner opened the log. */
  Term newestTerm() {
    return newest;
  }

  /** Records acknowledged in all. */
  long acknowledged() {
    return acknowledged;
  }

  /** Terms in which an owner opened the log. */
  int terms() {
    return leaders.size();
  }

  ShardLog witnessed(String owner, ShardLog log) {
    return new Witnessed(owner, log);
  }

  private void opened(String owner, Term term, Object leader) {
    Object other = leaders.putIfAbsent(term, leader);
    if (other != null && other != leader) {
      throw violated("two leaders in term " + term + ", one of them " + owner);
    }
    if (newest.compareTo(term) < 0) {
      newest = term;
    }
  }

  private void acknowledged(String owner, Term term, Term newestBefore, Lsn end, byte[] payload) {
    if (newestBefore.compareTo(term) > 0) {
      throw violated(
          "%s of term %s acknowledges at %s what it took on after term %s had begun"
              .formatted(owner, term, end, newestBefore));
    }
    acknowledged++;
    commit("acknowledged by " + owner, term, end, payload);
  }

  private void commit(String how, Term term, Lsn end, byte[] payload) {
    Committed before = committed.putIfAbsent(end, new Committed(term, payload));
    if (before != null) {
      if (!Arrays.equals(before.payload, payload)) {
        throw violated(
            "two committed records end at %s, one %s in term %s, one of term %s"
                .formatted(end, how, term, before.term));
      }
      return;
    }
    if (shardRecords && !risesAt(end, payload)) {
      throw violated(
          "timestamps do not rise along the log at %s, %s in term %s".formatted(end, how, term));
    }
  }

  private boolean risesAt(Lsn end, byte[] payload) {
    Map.Entry<Lsn, Committed> below = committed.lowerEntry(end);
    Map.Entry<Lsn, Committed> above = committed.higherEntry(end);
    ShardRecord record = decode(payload);
    return (below == null
            || record.timestamp().isAfter(decode(below.getValue().payload).timestamp()))
        && (above == null
            || decode(above.getValue().payload).timestamp().isAfter(record.timestamp()));
  }

  private static ShardRecord decode(byte[] payload) {
    return ShardRecordCodec.decode("a committed record", payload);
  }

  private final class Witnessed extends ForwardingShardLog {
    private final String owner;
    private @Nullable Term term;

    Witnessed(String owner, ShardLog log) {
      super(log);
      this.owner = owner;
    }

    @Override
    public void open(Term newTerm, Deadline deadline) {
      term = newTerm;
      log.open(newTerm, deadline);
      opened(owner, newTerm, log);
    }

    private Term term() {
      return term == null ? Term.NONE : term;
    }

    @Override
    public void replay(Lsn from, RecordConsumer consumer, Deadline deadline) {
      boolean newestAtStart = newest.equals(term());
      TreeMap<Lsn, Committed> expected = new TreeMap<>(committed.tailMap(from, false));
      log.replay(
          from,
          (start, end, payload) -> {
            Committed wanted = expected.remove(end);
            if (wanted != null && !Arrays.equals(wanted.payload, payload)) {
              throw violated(
                  "%s of term %s replays another record up to %s than was committed in term %s"
                      .formatted(owner, term, end, wanted.term));
            }
            if (end.compareTo(log.endLsn()) <= 0) {
              commit("replayed by " + owner, term(), end, payload);
            }
            consumer.accept(start, end, payload);
          },
          deadline);
      if (!expected.isEmpty() && newestAtStart) {
        throw violated(
            "%s of term %s misses records that were committed, the first up to %s"
                .formatted(owner, term, expected.firstKey()));
      }
    }

    @Override
    public Proposed propose(byte[] payload) {
      Term before = newest;
      Proposed proposed = log.propose(payload);
      CompletableFuture<Lsn> witnessed =
          proposed
              .committed()
              .thenApply(end -> {
                acknowledged(owner, term(), before, end, payload);
                return end;
              });
      return new Proposed(witnessed, proposed.send());
    }
  }
}
