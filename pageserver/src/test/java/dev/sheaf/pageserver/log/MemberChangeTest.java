package dev.sheaf.pageserver.log;

import static dev.sheaf.pageserver.log.ShardLogContract.append;
import static dev.sheaf.pageserver.log.ShardLogContract.assertCode;
import static dev.sheaf.pageserver.log.ShardLogContract.replay;
import static dev.sheaf.pageserver.log.ShardLogContract.soon;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.testkit.log.MemorySafekeeper;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A log over three of six safekeepers, of which some are lost, wiped and replaced. */
final class MemberChangeTest {
  private static final ShardId SHARD = ShardId.root(new DatabaseId("db"));

  private final List<MemorySafekeeper> safekeepers =
      IntStream.range(0, 6).mapToObj(i -> new MemorySafekeeper()).toList();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong candidates = new AtomicLong();
  private final Coordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, executor);
  private final LogMembers members =
      new LogMembers(coordination, this::safekeeper, shard -> nodes(0, 1, 2), System::nanoTime);

  @AfterEach
  void stop() {
    coordination.close();
    executor.close();
    timer.shutdownNow();
  }

  private static List<NodeId> nodes(int... numbers) {
    return IntStream.of(numbers).mapToObj(i -> new NodeId("sk-" + i)).toList();
  }

  private MemorySafekeeper safekeeper(NodeId node) {
    return safekeepers.get(Integer.parseInt(node.value().substring(3)));
  }

  private ShardLog newLog() {
    return new QuorumLogFactory(
            members,
            this::safekeeper,
            QuorumShardLogTest.settings(20_000),
            System::nanoTime,
            candidates::incrementAndGet,
            executor,
            timer)
        .create(SHARD);
  }

  private ShardLog open(long term) {
    ShardLog log = newLog();
    log.open(new Term(term), soon());
    return log;
  }

  private Configuration stored() {
    return members.find(SHARD).orElseThrow();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long giveUp = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean() && System.nanoTime() < giveUp) {
      Thread.sleep(1);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Test
  void aLostSafekeeperIsReplacedWhileRecordsAreAppended() throws Exception {
    ShardLog log = open(1);
    for (int i = 0; i < 200; i++) {
      append(log, "before".repeat(20) + i);
    }
    safekeepers.get(2).goAway();
    var writing = new AtomicBoolean(true);
    CompletableFuture<List<String>> written =
        CompletableFuture.supplyAsync(
            () -> {
              List<String> records = new ArrayList<>();
              while (writing.get()) {
                records.add("r" + records.size());
                log.append(records.getLast().getBytes(UTF_8)).join();
              }
              return records;
            },
            executor);
    log.changeMembers(nodes(0, 1, 3), soon());
    writing.set(false);
    List<String> records = written.get(20, TimeUnit.SECONDS);
    assertThat(stored())
        .isEqualTo(log.configuration())
        .isEqualTo(
            Configuration.of(3, nodes(0, 1, 3).stream().map(node -> new Member(node, 1)).toList()));
    safekeepers.get(0).goAway(); // so that the new one is needed
    append(log, "after");
    try (ShardLog next = open(2)) {
      List<String> all = replay(next, Lsn.ZERO);
      assertThat(all).hasSize(200 + records.size() + 1).endsWith("after");
      assertThat(all.subList(200, 200 + records.size())).isEqualTo(records);
    }
    log.close();
  }

  @Test
  void oneThatComesBackAfterItsReplacementIsToldByAnyOwnerToDropItsCopy() throws Exception {
    try (ShardLog first = open(1)) {
      append(first, "one");
      await(() -> safekeepers.get(2).state(SHARD).end().equals(first.endLsn()));
      safekeepers.get(2).goAway();
      first.changeMembers(nodes(0, 1, 3), soon());
    }
    try (ShardLog second = open(2)) {
      safekeepers.get(2).comeBack();
      for (NodeId node : nodes(0, 1, 2, 3, 4)) {
        await(() -> second.retire(node));
      }
      await(() -> safekeepers.get(2).state(SHARD).end().equals(Lsn.ZERO));
      assertThat(safekeepers.get(4).state(SHARD))
          .as("one that never was a member stores nothing")
          .isEqualTo(AcceptorState.NEW);
      append(second, "two");
      safekeepers.get(0).goAway(); // so that both others are needed
      append(second, "three");
      assertThat(replay(second, Lsn.ZERO)).containsExactly("one", "two", "three");
      second.changeMembers(nodes(1, 2, 3), soon());
    }
    safekeepers.get(1).goAway();
    try (ShardLog third = open(3)) {
      assertThat(replay(third, Lsn.ZERO)).containsExactly("one", "two", "three");
    }
  }

  @Test
  void aWipedSafekeeperRejoinsAsAFullCopyAndCastsNoVoteBefore() throws Exception {
    ShardLog first = open(1);
    append(first, "one");
    first.close();
    safekeepers.get(2).wipe();
    safekeepers.get(1).goAway();
    ShardLog second = newLog();
    Deadline short_ = Deadline.after(System.nanoTime(), 200);
    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> second.open(new Term(2), short_));
    second.close();
    safekeepers.get(1).comeBack();
    ShardLog third = open(3);
    append(third, "two");
    await(() -> stored().members().contains(new Member(new NodeId("sk-2"), 2)));
    await(
        () -> !stored().isJoint() && safekeepers.get(2).state(SHARD).end().equals(third.endLsn()));
    third.close();
    safekeepers.get(0).goAway();
    try (ShardLog fourth = open(4)) {
      assertThat(replay(fourth, Lsn.ZERO)).containsExactly("one", "two");
    }
  }

  @Test
  void aWipeUnderTheOwnersEyesDoesNotCountEither() throws Exception {
    try (ShardLog log = open(1)) {
      append(log, "one");
      safekeepers.get(1).goAway();
      append(log, "two");
      safekeepers.get(2).wipe();
      CompletableFuture<Lsn> waiting = log.append("three".getBytes(UTF_8));
      await(() -> safekeepers.get(2).state(SHARD).end().equals(log.endLsn()));
      assertThat(waiting).as("one member and a copy are no majority").isNotDone();
      safekeepers.get(1).comeBack();
      waiting.get(20, TimeUnit.SECONDS);
      await(() -> stored().members().contains(new Member(new NodeId("sk-2"), 2)));
    }
  }

  @Test
  void whoWasAwayWhenTheLogBeganIsAdmittedLater() throws Exception {
    safekeepers.get(2).goAway();
    try (ShardLog log = open(1)) {
      append(log, "one");
      assertThat(stored().member(new NodeId("sk-2")).isAdmitted()).isFalse();
      safekeepers.get(2).comeBack();
      await(() -> stored().members().stream().allMatch(Member::isAdmitted));
    }
    safekeepers.get(0).goAway();
    try (ShardLog log = open(2)) {
      assertThat(replay(log, Lsn.ZERO)).containsExactly("one");
    }
  }

  @Test
  void allMembersMayChangeAtOnceAndWhoLeavesDropsTheLog() throws Exception {
    try (ShardLog log = open(1)) {
      for (int i = 0; i < 300; i++) {
        append(log, "x".repeat(100));
      }
      log.changeMembers(nodes(3, 4, 5), soon());
      append(log, "after");
      for (int left = 0; left < 3; left++) {
        MemorySafekeeper safekeeper = safekeepers.get(left);
        await(() -> safekeeper.state(SHARD).end().equals(Lsn.ZERO));
        safekeeper.goAway();
      }
    }
    try (ShardLog log = open(2)) {
      assertThat(replay(log, Lsn.ZERO)).hasSize(301);
      safekeepers.forEach(MemorySafekeeper::comeBack);
      log.changeMembers(nodes(2, 3, 4), soon());
      assertThat(log.standings()).allMatch(each -> each.member());
    }
  }

  @Test
  void aSafekeeperThatIsNotThereDoesNotBecomeAMember() throws Exception {
    safekeepers.get(3).goAway();
    try (ShardLog log = open(1)) {
      Configuration before = stored();
      Deadline short_ = Deadline.after(System.nanoTime(), 200);
      assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> log.changeMembers(nodes(0, 1, 3), short_));
      assertThat(stored()).isEqualTo(before);
      append(log, "one");
      log.changeMembers(nodes(0, 1, 4), soon());
      assertThat(log.standings()).hasSize(3);
      assertCode(ErrorCode.INVALID_PARAMETER_VALUE, () -> log.changeMembers(nodes(0, 0), soon()));
    }
  }

  @Test
  void theNextOwnerCompletesAChangeOrFindsItTakenBack() throws Exception {
    open(1).close();
    List<Member> next = nodes(0, 3, 4).stream().map(node -> new Member(node, 1)).toList();
    Configuration joint = members.replace(SHARD, stored(), stored().joint(next));
    assertThat(joint.isJoint()).isTrue();
    safekeepers.get(3).goAway();
    safekeepers.get(4).goAway();
    ShardLog stuck = newLog();
    Deadline short_ = Deadline.after(System.nanoTime(), 200);
    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> stuck.open(new Term(2), short_));
    stuck.close();
    assertThat(members.abandonChange(SHARD).nodes()).isEqualTo(nodes(0, 1, 2));
    try (ShardLog log = open(3)) {
      append(log, "one");
    }
    safekeepers.forEach(MemorySafekeeper::comeBack);
    members.replace(SHARD, stored(), stored().joint(next));
    try (ShardLog log = open(4)) {
      await(() -> stored().equals(Configuration.of(5, next)));
      append(log, "two");
      assertThat(replay(log, Lsn.ZERO)).containsExactly("one", "two");
    }
  }
}
