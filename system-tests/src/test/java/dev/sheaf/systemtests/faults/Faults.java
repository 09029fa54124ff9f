package dev.sheaf.systemtests.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.cluster.ClusterStatus;
import dev.sheaf.cli.cluster.NodeRole;
import dev.sheaf.systemtests.faults.Load.Seen;
import dev.sheaf.systemtests.faults.Load.Stall;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The faults: each hurts the cluster under load, leaves it whole, and says what was seen. Limits of
 * time are judged only where asked for, on a machine that has nothing else to do.
 */
final class Faults {
  private final FaultCluster cluster;
  private final boolean full;
  private final boolean judged;

  /**
   * @param full as long as docs/reliability.md says
   * @param judged whether times count
   */
  Faults(FaultCluster cluster, boolean full, boolean judged) {
    this.cluster = cluster;
    this.full = full;
    this.judged = judged;
  }

  private static final Stall NONE = new Stall("nobody", Duration.ZERO, Duration.ZERO);

  /** A fault under load. */
  @FunctionalInterface
  interface Fault {
    /** What was seen, with figures. */
    String under(Load load) throws Exception;
  }

  private void atMost(String what, Stall seen, long millis) {
    if (judged) {
      assertThat(seen.length())
          .as("%s: %s", what, seen)
          .isLessThanOrEqualTo(Duration.ofMillis(millis));
    }
  }

  /** Judges a figure that depends on the machine. */
  private void atMost(String what, Duration seen, long millis) {
    if (judged) {
      assertThat(seen).as(what).isLessThanOrEqualTo(Duration.ofMillis(millis));
    }
  }

  private static String seconds(Duration duration) {
    return "%.2f s".formatted(duration.toMillis() / 1000.0);
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  private static void rest(long millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  /** Any one safekeeper is killed, every four seconds another one. */
  String safekeepersKilled(Load load) throws Exception {
    List<String> safekeepers = cluster.nodes(NodeRole.SAFEKEEPER);
    int rounds = full ? 10 : 3;
    Stall longest = NONE;
    var failures = new ArrayList<Outcome>();
    for (int round = 0; round < rounds; round++) {
      String victim = safekeepers.get(round % safekeepers.size());
      long began = System.nanoTime();
      cluster.kill(victim);
      rest(1_000);
      cluster.start(victim);
      // A slow machine needs longer to start it, and then it has to catch up.
      rest(Math.max(1_500, 4_000 - since(began).toMillis()));
      load.awaitProgress();
      Seen seen = load.since(began);
      longest = longest.orLonger(seen.longestStall());
      failures.addAll(seen.failures());
    }
    assertThat(failures).as("failed transactions").isEmpty();
    atMost("longest stall", longest, 2_000);
    return "%d rounds, longest stall %s, no failure".formatted(rounds, longest);
  }

  /** The owner is killed: its shard serves again. */
  String pageServerKilled(Load load) throws Exception {
    int rounds = full ? 5 : 1;
    Stall longest = NONE;
    long failures = 0;
    for (int round = 0; round < rounds; round++) {
      String victim = cluster.owner(load.database());
      long began = System.nanoTime();
      cluster.kill(victim);
      load.awaitProgress();
      Seen seen = load.since(began);
      longest = longest.orLonger(seen.longestStall());
      failures += seen.failures().size();
      cluster.start(victim);
      load.awaitProgress();
    }
    atMost("longest stall", longest, 5_000);
    return "%d rounds, longest stall %s, %d failed transactions"
        .formatted(rounds, longest, failures);
  }

  /** The owner is stopped in order: nobody's transaction fails. */
  String pageServerStopped(Load load) throws Exception {
    String victim = cluster.owner(load.database());
    long began = System.nanoTime();
    cluster.processes().stopNode(victim);
    Duration stopped = since(began);
    load.awaitProgress();
    Seen seen = load.since(began);
    cluster.start(victim);
    assertThat(seen.failures()).as("failed transactions").isEmpty();
    atMost("longest stall", seen.longestStall(), 2_000);
    return "stopped after %s, longest stall %s, no failure"
        .formatted(seconds(stopped), seen.longestStall());
  }

  /** The owner drains and stays idle until it is stopped and started again. */
  String pageServerDrained(Load load) throws Exception {
    String victim = cluster.owner(load.database());
    long began = System.nanoTime();
    cluster.drain(victim);
    FaultCluster.await("another owner", () -> !cluster.owner(load.database()).equals(victim));
    load.awaitProgress();
    Seen seen = load.since(began);
    assertThat(seen.failures()).as("failed transactions").isEmpty();
    cluster.processes().stopNode(victim);
    cluster.start(victim);
    return "longest stall %s, no failure".formatted(seen.longestStall());
  }

  /** A compute is killed: the sessions of the other one notice nothing. */
  String computeKilled(Load load) throws Exception {
    String victim = cluster.nodes(NodeRole.COMPUTE).getFirst();
    long began = System.nanoTime();
    cluster.kill(victim);
    rest(full ? 10_000 : 3_000);
    Seen others = load.since(began, compute -> compute != 0);
    Seen own = load.since(began, compute -> compute == 0);
    cluster.start(victim);
    load.awaitProgress();
    assertThat(others.failures()).as("failures of other sessions").isEmpty();
    assertThat(own.failures()).as("its sessions break").isNotEmpty();
    atMost("stall of other sessions", others.longestStall(), 2_000);
    return "the other compute's sessions: longest stall %s, no failure"
        .formatted(others.longestStall());
  }

  /** Each member of etcd is killed once, its leader among them. */
  String etcdMemberKilled(Load load) throws Exception {
    long began = System.nanoTime();
    for (String member : cluster.nodes(NodeRole.ETCD)) {
      cluster.kill(member);
      rest(full ? 8_000 : 4_000);
      cluster.start(member);
      rest(full ? 4_000 : 2_000);
    }
    load.awaitProgress();
    Seen seen = load.since(began);
    assertThat(seen.failures()).as("failed transactions").isEmpty();
    return "each of 3 in turn, longest stall %s, no failure".formatted(seen.longestStall());
  }

  /** All of etcd is away: transactions go on while the grant is valid, then fail, then recover. */
  String etcdDown(Load load) throws Exception {
    List<String> members = cluster.nodes(NodeRole.ETCD);
    long began = System.nanoTime();
    members.forEach(cluster::kill);
    rest(full ? 60_000 : 20_000);
    Seen away = load.since(began);
    Duration lastCommit = Duration.ofNanos(Math.max(0, load.lastCommitNanos() - began));
    assertThat(lastCommit).as("commits end").isLessThan(Duration.ofSeconds(10));
    atMost("commits end with the lease", lastCommit, 3_500);
    long back = System.nanoTime();
    startTogether(members);
    load.awaitProgress();
    Duration recovered = since(back);
    atMost("recovery", recovered, 10_000);
    assertThat(away.states()).as("clear errors").isSubsetOf("57P03", "40003", "57014", "58030");
    return "commits went on for %s, then %s; all clients commit %s after its return"
        .formatted(
            seconds(lastCommit),
            away.states().isEmpty() ? "waited" : String.join(", ", away.states()),
            seconds(recovered));
  }

  /** A member alone is not ready before a majority is there. */
  private void startTogether(List<String> nodes) throws InterruptedException {
    List<Thread> starts =
        nodes.stream().map(node -> Thread.ofVirtual().start(() -> cluster.start(node))).toList();
    for (Thread start : starts) {
      start.join();
    }
  }

  /** The object store is away: commits go on from the log. */
  String objectStoreDown(Load load) throws Exception {
    String store = cluster.nodes(NodeRole.S3).getFirst();
    cluster.kill(store);
    long began = System.nanoTime();
    rest(full ? 300_000 : 15_000);
    load.awaitProgress();
    Seen seen = load.since(began);
    cluster.start(store);
    assertThat(seen.failures()).as("failed transactions").isEmpty();
    return "%s without it: %d commits, longest stall %s, no failure"
        .formatted(seconds(since(began)), seen.committed(), seen.longestStall());
  }

  /** The owner is frozen for three leases and goes on: nothing of its term is accepted. */
  String zombieOwner(Load load) throws Exception {
    String victim = cluster.owner(load.database());
    long term = cluster.shard(load.database()).path("term").asLong();
    String id = cluster.shard(load.database()).path("database_id").asText();
    int answers;
    Seen seen;
    long manifests;
    try (var zombie = new DirectCalls(cluster.address(victim, "rpc"), id)) {
      long began = System.nanoTime();
      cluster.processes().pause(victim);
      load.awaitProgress();
      seen = load.since(began);
      rest(Math.max(0, 9_000 - since(began).toMillis()));
      assertThat(cluster.shard(load.database()).path("term").asLong()).isGreaterThan(term);
      manifests = manifests(id, term);
      zombie.ask();
      cluster.processes().resume(victim);
      rest(full ? 6_000 : 3_000);
      answers = zombie.stop();
      assertThat(zombie.accepted()).as("fresh reads and writes of the old term").isEmpty();
      assertThat(answers).as("the zombie was asked").isPositive();
    }
    load.awaitProgress();
    assertThat(manifests(id, term)).as("manifests of the old term").isEqualTo(manifests);
    atMost("longest stall", seen.longestStall(), 5_000);
    return "longest stall %s; of %d reads and writes sent to it afterwards it took none"
        .formatted(seen.longestStall(), answers);
  }

  private long manifests(String database, long term) throws IOException {
    Path store = cluster.processes().folder().resolve("s3-1");
    String name = "%020d-".formatted(term);
    try (Stream<Path> files = Files.walk(store)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(name))
          .filter(file -> file.toString().contains(database))
          .filter(file -> file.getParent().endsWith("manifests"))
          .count();
    }
  }

  /** A safekeeper loses its disk: it casts no vote before it has a full copy, and then it does. */
  String safekeeperWiped(Load load) throws Exception {
    List<String> all = cluster.nodes(NodeRole.SAFEKEEPER);
    String up = all.get(0);
    String away = all.get(1);
    String wiped = all.get(2);
    String id = cluster.shard(load.database()).path("database_id").asText();
    Optional<String> before;
    try (var facts = new LogFacts(cluster)) {
      before = facts.incarnation(id, wiped);
    }
    cluster.kill(wiped);
    load.awaitProgress();
    cluster.kill(away);
    cluster.wipe(wiped);
    rest(1_000);
    cluster.start(wiped);
    long alone = System.nanoTime();
    rest(full ? 15_000 : 6_000);
    assertThat(load.since(alone).committed())
        .as("commits by one member and one that lost its votes")
        .isZero();
    cluster.start(away);
    load.awaitProgress();
    long began = System.nanoTime();
    try (var facts = new LogFacts(cluster)) {
      FaultCluster.await(
          "a full copy",
          () ->
              facts
                  .incarnation(id, wiped)
                  .filter(now -> !Optional.of(now).equals(before))
                  .isPresent());
    }
    Duration admitted = since(began);
    // Now it has to do: another one goes, and then the owner, whose successor reads its copy.
    cluster.kill(up);
    load.awaitProgress();
    String owner = cluster.owner(load.database());
    cluster.kill(owner);
    load.awaitProgress();
    cluster.start(up);
    cluster.start(owner);
    return "no commit with it and one other in %d s; a member again %s after a majority was there"
        .formatted(full ? 15 : 6, seconds(admitted));
  }

  /**
   * Two of three safekeepers are away: nothing is acknowledged, and it goes on when one is back.
   */
  String quorumLost(Load load) throws Exception {
    List<String> all = cluster.nodes(NodeRole.SAFEKEEPER);
    cluster.kill(all.get(0));
    cluster.kill(all.get(1));
    rest(500);
    long began = System.nanoTime();
    rest(full ? 30_000 : 20_000);
    Seen seen = load.since(began);
    assertThat(seen.committed())
        .as("commits without a majority, but for answers that were on their way")
        .isLessThanOrEqualTo(Load.CLIENTS);
    assertThat(seen.states())
        .as("clear errors")
        .isSubsetOf("25006", "57P03", "40003", "57014", "53400");
    assertThat(status()).containsAnyOf("    read-only: ", "    closed: ", "not served");
    long back = System.nanoTime();
    cluster.start(all.get(0));
    load.awaitProgress();
    Duration recovered = since(back);
    cluster.start(all.get(1));
    return "no commit; %s; all clients commit %s after one was started again"
        .formatted(String.join(", ", seen.states()), seconds(recovered));
  }

  /** As {@code cluster status} shows it. */
  private String status() {
    var out = new ByteArrayOutputStream();
    boolean unused = ClusterStatus.print(cluster.processes(), new PrintStream(out, true, UTF_8));
    return out.toString(UTF_8);
  }

  /** A safekeeper's disk is full for a while: the others go on, and then it counts again. */
  String diskFull(Load load, SmallDisk disk, String safekeeper) throws Exception {
    long began = System.nanoTime();
    disk.fill();
    // Files that the journal gives back are taken, too.
    for (int again = 0; again < (full ? 20 : 6); again++) {
      rest(500);
      disk.fill();
    }
    load.awaitProgress();
    Seen seen = load.since(began);
    assertThat(seen.failures()).as("failed transactions").isEmpty();
    boolean ended = cluster.isDown(safekeeper);
    disk.free();
    if (ended) {
      cluster.start(safekeeper);
    }
    rest(2_000);
    String other = cluster.another(NodeRole.SAFEKEEPER, safekeeper);
    cluster.kill(other);
    load.awaitProgress();
    cluster.start(other);
    return "%d commits meanwhile, longest stall %s, no failure; the process %s"
        .formatted(
            seen.committed(),
            seen.longestStall(),
            ended ? "ended and was started again" : "went on");
  }

  /** The only control plane is killed: what is served goes on being served. */
  String controlKilled(Load load) throws Exception {
    String victim = cluster.nodes(NodeRole.CONTROL).getFirst();
    long began = System.nanoTime();
    cluster.kill(victim);
    rest(full ? 10_000 : 4_000);
    Seen seen = load.since(began);
    cluster.start(victim);
    assertThat(seen.failures()).as("failed transactions").isEmpty();
    return "longest stall %s, no failure".formatted(seen.longestStall());
  }
}
