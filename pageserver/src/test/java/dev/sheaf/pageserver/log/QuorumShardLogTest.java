package dev.sheaf.pageserver.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.Proposer;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.testkit.log.MemorySafekeeper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class QuorumShardLogTest {

  @Nested
  final class OfOne extends Contract {
    OfOne() {
      super(1);
    }

    @Test
    void damageOnTheOnlySafekeeperIsReported() throws Exception {
      try (ShardLog log = open(1)) {
        append(log, "one");
        append(log, "two");
        safekeepers.getFirst().damage(SHARD, new Lsn(11));
        assertCode(ErrorCode.DATA_CORRUPTED, () -> replay(log, Lsn.ZERO));
        assertThat(replay(log, new Lsn(22))).isEmpty();
      }
    }
  }

  @Nested
  final class OfThree extends Contract {
    OfThree() {
      super(3);
    }

    @Test
    void oneMayBeDownAndCatchesUpOnReturn() throws Exception {
      MemorySafekeeper down = safekeepers.get(1);
      try (ShardLog log = open(1)) {
        append(log, "before");
        for (boolean silent : new boolean[] {false, true}) {
          if (silent) {
            down.fallSilent();
          } else {
            down.goAway();
          }
          // More than what is kept in memory for laggards: the rest comes from a donor.
          for (int i = 0; i < 200; i++) {
            append(log, "x".repeat(100));
          }
          Lsn end = log.endLsn();
          if (!silent) {
            assertThat(down.state(SHARD).end()).isLessThan(end);
          }
          down.comeBack();
          awaitEnd(down, end);
        }
      }
    }

    @Test
    void anyTwoKeepWhatWasAcknowledgedWhoeverIsMissing() throws Exception {
      List<String> expected = new ArrayList<>();
      open(1).close(); // all are there when the log begins, so that all are admitted
      for (int term = 2; term <= 10; term++) {
        MemorySafekeeper down = safekeepers.get(term % 3);
        down.goAway();
        ShardLog log = open(term);
        assertThat(replay(log, log.startLsn())).isEqualTo(expected);
        for (int i = 0; i < 20; i++) {
          expected.add("t" + term + "-" + i);
          append(log, expected.getLast());
        }
        // The owner dies; what it says to the one that comes back now is said too late.
        log.close();
        down.comeBack();
      }
    }

    @Test
    void damageOnOneIsMendedByAnother() throws Exception {
      try (ShardLog log = open(1)) {
        append(log, "one");
        append(log, "two");
        for (MemorySafekeeper each : safekeepers) {
          awaitEnd(each, log.endLsn());
        }
        safekeepers.get(0).damage(SHARD, Lsn.ZERO);
        safekeepers.get(2).damage(SHARD, new Lsn(11));
        assertThat(replay(log, Lsn.ZERO)).containsExactly("one", "two");
      }
    }

    @Test
    void aSilentOneHoldsUpNoReplay() throws Exception {
      try (ShardLog log = open(1)) {
        append(log, "one");
        for (MemorySafekeeper each : safekeepers) {
          awaitEnd(each, log.endLsn());
        }
        for (MemorySafekeeper silent : safekeepers) {
          silent.fallSilent();
          assertThat(replay(log, Lsn.ZERO)).containsExactly("one");
          silent.comeBack();
        }
      }
    }

    @Test
    void oneThatMissedForgottenRecordsStartsWhereTheLogStarts() throws Exception {
      MemorySafekeeper down = safekeepers.get(2);
      down.goAway();
      try (ShardLog log = open(1)) {
        for (int i = 0; i < 300; i++) {
          append(log, "x".repeat(100));
        }
        Lsn published = log.endLsn();
        append(log, "tail");
        log.forgetBelow(published);
        down.comeBack();
        awaitEnd(down, log.endLsn());
        assertThat(down.state(SHARD).start()).isEqualTo(published);
      }
    }

    @Test
    void withoutAMajorityNothingOpensAndNothingIsAcknowledged() throws Exception {
      ShardLog log = open(1);
      append(log, "one");
      loseQuorum();
      CompletableFuture<Lsn> waiting = log.append("two".getBytes(UTF_8));
      ShardLog next = newLog();
      Deadline short_ = Deadline.after(System.nanoTime(), 100);
      assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> next.open(new Term(2), short_));
      assertThat(waiting).isNotDone();
      regainQuorum();
      next.open(new Term(2), soon());
      assertThat(replay(next, Lsn.ZERO)).startsWith("one");
      next.close();
      log.close();
    }
  }

  @Test
  void aRecordWithoutAMajorityFailsTheLogAfterTheTimeout() throws Exception {
    Contract contract = new Contract(3) {};
    contract.settings = settings(300);
    try (ShardLog log = contract.open(1)) {
      contract.loseQuorum();
      CompletableFuture<Lsn> waiting = log.append("one".getBytes(UTF_8));
      ShardLogContract.assertCode(
          ErrorCode.STATEMENT_COMPLETION_UNKNOWN, () -> waiting.get(20, TimeUnit.SECONDS));
      assertThat(log.isLeader()).isFalse();
    } finally {
      contract.stop();
    }
  }

  @Test
  void aLogCutOffFromItsMajorityTakesNoFurtherRecordUntilThatIsBack() throws Exception {
    Contract contract = new Contract(3) {};
    contract.settings = settings(8_000);
    try (ShardLog log = contract.open(1)) {
      contract.loseQuorum();
      CompletableFuture<Lsn> inDoubt = log.append("in doubt".getBytes(UTF_8));
      CompletableFuture<Lsn> refused = log.append("in doubt, too".getBytes(UTF_8));
      while (!refused.isDone()) {
        Thread.sleep(20);
        refused = log.append("more".getBytes(UTF_8));
      }
      CompletableFuture<Lsn> last = refused;
      ShardLogContract.assertCode(
          ErrorCode.READ_ONLY_SQL_TRANSACTION, () -> last.get(1, TimeUnit.SECONDS));
      assertThat(inDoubt).isNotDone();
      Lsn end = log.endLsn();
      contract.regainQuorum();
      inDoubt.get(20, TimeUnit.SECONDS);
      assertThat(log.append("after".getBytes(UTF_8)).get(20, TimeUnit.SECONDS))
          .as("nothing of what was refused is in the log")
          .isEqualTo(end.plus(RecordFrame.encode(end, "after".getBytes(UTF_8)).length));
    } finally {
      contract.stop();
    }
  }

  static final ShardId SHARD = ShardId.root(new DatabaseId("db"));

  static QuorumLogSettings settings(long commitTimeoutMillis) {
    return new QuorumLogSettings(
        new Proposer.Limits(4_000, ShardLogContract.PENDING_LIMIT_BYTES, 8_000),
        200,
        commitTimeoutMillis,
        1,
        20);
  }

  /** The contract over so many safekeepers. */
  abstract static class Contract extends ShardLogContract {
    final List<MemorySafekeeper> safekeepers;
    QuorumLogSettings settings = settings(20_000);
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong candidates = new AtomicLong();
    final Coordination coordination = EmbeddedCoordination.inMemory(System::nanoTime, executor);
    final LogMembers members;

    Contract(int count) {
      safekeepers = IntStream.range(0, count).mapToObj(i -> new MemorySafekeeper()).toList();
      List<NodeId> nodes = IntStream.range(0, count).mapToObj(Contract::node).toList();
      members = new LogMembers(coordination, this::safekeeper, shard -> nodes, System::nanoTime);
    }

    static NodeId node(int number) {
      return new NodeId("sk-" + number);
    }

    final SafekeeperService safekeeper(NodeId node) {
      return safekeepers.get(Integer.parseInt(node.value().substring(3)));
    }

    @AfterEach
    void stop() {
      coordination.close();
      executor.close();
      timer.shutdownNow();
    }

    @Override
    ShardLog newLog() {
      return new QuorumLogFactory(
              members,
              this::safekeeper,
              settings,
              System::nanoTime,
              candidates::incrementAndGet,
              executor,
              timer)
          .create(SHARD);
    }

    @Override
    void loseQuorum() {
      safekeepers.stream().skip(safekeepers.size() / 2).forEach(MemorySafekeeper::goAway);
    }

    @Override
    void regainQuorum() {
      safekeepers.forEach(MemorySafekeeper::comeBack);
    }

    static void awaitEnd(MemorySafekeeper safekeeper, Lsn end) throws InterruptedException {
      long giveUp = System.nanoTime() + 20_000_000_000L;
      while (safekeeper.state(SHARD).end().isBefore(end) && System.nanoTime() < giveUp) {
        Thread.sleep(1);
      }
      assertThat(safekeeper.state(SHARD).end()).isEqualTo(end);
    }
  }
}
