package dev.sheaf.system.sim;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.log.Acceptor;
import dev.sheaf.log.LogPosition;
import dev.sheaf.log.Member;
import dev.sheaf.log.Proposer;
import dev.sheaf.log.ProposerEffect;
import dev.sheaf.log.Request;
import dev.sheaf.log.TermHistory;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.oracle.TimestampOracle;
import dev.sheaf.pageserver.shard.CommitOrder;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.pageserver.shard.OutcomeTable;
import dev.sheaf.pageserver.sweep.References;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.record.ShardRecord;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Small decisions of production code, made wrongly. The weaver leads the calls of the right ones
 * here; {@link SeededBug} says which. Static, named after what goes wrong.
 */
public final class Bugs {
  private Bugs() {}

  // ---- safekeepers

  public static void forceNothing(JournalFile file) {}

  public static void forceUntilItSeemsToWork(JournalFile file) {
    try {
      file.force();
    } catch (IOException e) {
      // The next one will succeed, having nothing left to write.
    }
  }

  public static void answerAtOnce(
      Journal journal,
      ShardId log,
      List<dev.sheaf.log.Change> changes,
      long reserved,
      Journal.Completion completion) {
    journal.submit(log, changes, reserved, failure -> {});
    completion.done(null);
  }

  public static void secureNothing(Object writer, Object tail) {}

  public static boolean neverOutdated(Acceptor acceptor, Request request) {
    return false;
  }

  public static Object believeAnyBytes(byte[] file, long journal, long sequence, int offset) {
    return call(
        "dev.sheaf.safekeeper.journal.EntryFrame", "readHeader", file, journal, sequence, offset);
  }

  // ---- the log

  public static boolean halfIsEnough(List<Member> nodes, Predicate<Member> passes) {
    return nodes.stream().filter(passes).count() >= Math.max(1, nodes.size() / 2);
  }

  public static Lsn positionOfHalf(List<Member> nodes, Function<Member, Lsn> position) {
    List<Lsn> ascending = nodes.stream().map(position).sorted().toList();
    return ascending.get(nodes.size() - Math.max(1, nodes.size() / 2));
  }

  public static LogPosition countTermsWithoutTheirRecords(TermHistory history, Lsn flush) {
    return new LogPosition(history.lastTerm(), flush);
  }

  public static LogPosition longestLogWins(TermHistory history, Lsn flush) {
    return new LogPosition(history.entries().getFirst().term(), flush);
  }

  public static Optional<Lsn> agreeAsFarAsBothGo(
      TermHistory history, Lsn end, TermHistory other, Lsn otherEnd) {
    return Optional.of(end.isBefore(otherEnd) ? end : otherEnd);
  }

  public static List<ProposerEffect> forgetWhatIsCommitted(Proposer proposer, Lsn published) {
    return proposer.forget(proposer.commit());
  }

  public static ShardLog.Proposed acknowledgeWhenProposed(ShardLog log, byte[] payload) {
    ShardLog.Proposed proposed = log.propose(payload);
    return proposed.committed().isCompletedExceptionally()
        ? proposed
        : new ShardLog.Proposed(CompletableFuture.completedFuture(log.endLsn()), proposed.send());
  }

  // ---- ownership and time

  public static boolean alwaysHeld(Grant grant) {
    return true;
  }

  public static void checkNothing(Grant grant) {}

  public static boolean commitWithoutConditions(
      Coordination coordination, List<Condition> conditions, List<Change> changes) {
    return coordination.commit(List.of(), changes);
  }

  public static void keepTheWindowInMemory(Object oracle, Timestamp bound) {}

  public static Optional<Timestamp> readTheClock(TimestampOracle oracle, long wallMillis) {
    return Optional.of(Timestamp.ofMillis(wallMillis));
  }

  // ---- commits

  public static void acceptAnyVersion(Object latest, long snapshot) {}

  public static InFlight seeNoConflict(CommitOrder order, InFlight commit) {
    return null;
  }

  public static void waitForNoCommit(
      Object reads, Timestamp snapshot, boolean catalogOnly, Deadline deadline) {}

  public static Optional<Timestamp> rememberNoCommit(
      OutcomeTable outcomes, TransactionId transaction) {
    return Optional.empty();
  }

  public static boolean takeBackAborts(
      OutcomeTable outcomes, TransactionId transaction, Timestamp snapshot) {
    return false;
  }

  public static void replayOnlyRows(Object state, ShardRecord record, Lsn end) {
    call(state, "apply", record, end);
  }

  public static void letReplayLoseTheLast(Object state, ShardRecord record, Lsn end) {
    if (record.timestamp().value() % 5 != 0) {
      call(state, "apply", record, end);
    }
  }

  // ---- segments and manifests

  public static void publishNothing(ManifestStore manifests, Manifest manifest) {}

  public static DeleteVector deleteNothing(DeleteVector vector, Map<Integer, Long> rows) {
    return vector;
  }

  // ---- sweeps, the past, and branches

  public static Map<String, ShardId> askNoBranch(
      References references, ShardId shard, Collection<String> objectKeys) {
    return Map.of();
  }

  public static boolean keepThePresentOnly(ReadableTimes readable, long written, long since) {
    return since == Long.MAX_VALUE;
  }

  public static void flushNothing(Object branches, Timestamp at, Deadline deadline) {}

  public static SegmentMeta takeItWhole(SegmentMeta segment, Timestamp at) {
    return segment;
  }

  public static Timestamp countAllDeletes(Manifest manifest, String objectKey) {
    return Timestamp.MAX;
  }

  // ---- what these cannot see

  private static Object call(Object receiver, String name, Object... arguments) {
    return invoke(receiver.getClass(), receiver, name, arguments);
  }

  private static Object call(String type, String name, Object... arguments) {
    try {
      return invoke(Class.forName(type), null, name, arguments);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object invoke(Class<?> type, Object receiver, String name, Object... arguments) {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
        try {
          method.setAccessible(true);
          return method.invoke(receiver, arguments);
        } catch (ReflectiveOperationException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          if (e.getCause() instanceof Error cause) {
            throw cause;
          }
          throw new IllegalStateException(e);
        }
      }
    }
    throw new IllegalStateException("no method " + name + " in " + type);
  }
}
