package dev.sheaf.systemtests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Clients that write and read as fast as they can, from {@link #start} to {@link #verify}; half of
 * them on each compute.
 */
final class Load implements AutoCloseable {
  static final int SETS = 6;
  static final int BANKS = 4;
  static final int CLIENTS = SETS + BANKS;

  private final FaultCluster cluster;
  private final String database;
  private final List<Client> clients = new ArrayList<>();
  private final List<SetClient> sets = new ArrayList<>();
  private final List<Integer> computes = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  private Load(FaultCluster cluster, String database) {
    this.cluster = cluster;
    this.database = database;
  }

  /** Creates the database with its tables, and begins. */
  static Load start(FaultCluster cluster, String database, long seed) throws SQLException {
    cluster.createDatabase(database);
    var load = new Load(cluster, database);
    try (Connection connection = cluster.connect(0, database);
        Statement session = connection.createStatement()) {
      SetClient.open(session, SETS);
      BankClient.open(session);
    }
    int all = cluster.processes().state().flight().size();
    for (int i = 0; i < SETS; i++) {
      int compute = i % all;
      var client = new SetClient(i, () -> cluster.connect(compute, database));
      load.sets.add(client);
      load.add(client, compute);
    }
    for (int i = 0; i < BANKS; i++) {
      int compute = i % all;
      load.add(
          new BankClient("bank-" + i, () -> cluster.connect(compute, database), seed * 31 + i),
          compute);
    }
    // The driver waits in a loop for its streams: as virtual threads its clients would starve one
    // another.
    load.clients.forEach(client -> load.threads.add(Thread.ofPlatform().daemon().start(client)));
    return load;
  }

  private void add(Client client, int compute) {
    clients.add(client);
    computes.add(compute);
  }

  String database() {
    return database;
  }

  /** Waits until each client has committed again; an end of the wait is a failure. */
  void awaitProgress() throws InterruptedException {
    long since = System.nanoTime();
    FaultCluster.await(
        "every client commits",
        () -> {
          clients.forEach(Client::check);
          return clients.stream().allMatch(client -> client.hasCommittedSince(since));
        });
  }

  /** When the last commit was acknowledged. */
  long lastCommitNanos() {
    return clients.stream()
        .flatMap(client -> client.outcomes().stream())
        .filter(Outcome::isCommitted)
        .mapToLong(Outcome::endNanos)
        .max()
        .orElseThrow();
  }

  /** What the clients met from a moment on. */
  Seen since(long beginNanos) {
    return since(beginNanos, compute -> true);
  }

  /**
   * @param which computes' clients count
   */
  Seen since(long beginNanos, IntPredicate which) {
    long now = System.nanoTime();
    long committed = 0;
    var stall = new Stall("nobody", Duration.ZERO, Duration.ZERO);
    var failures = new ArrayList<Outcome>();
    for (int i = 0; i < clients.size(); i++) {
      if (!which.test(computes.get(i))) {
        continue;
      }
      clients.get(i).check();
      long last = beginNanos;
      for (Outcome outcome : clients.get(i).outcomes()) {
        if (outcome.endNanos() - beginNanos < 0) {
          continue;
        }
        if (outcome.isFailure()) {
          failures.add(outcome);
          continue;
        }
        if (outcome.isCommitted()) {
          committed++;
        }
        stall = stall.orLonger(clients.get(i), last - beginNanos, outcome.endNanos() - beginNanos);
        last = outcome.endNanos();
      }
      stall = stall.orLonger(clients.get(i), last - beginNanos, now - beginNanos);
    }
    return new Seen(committed, stall, failures);
  }

  /**
   * The longest time that one client had between two answers: commits or conflicts, which say that
   * the database works.
   *
   * @param after the moment from which on it was looked
   */
  record Stall(String client, Duration after, Duration length) {
    private Stall orLonger(Client who, long fromNanos, long toNanos) {
      var other = Duration.ofNanos(toNanos - fromNanos);
      return other.compareTo(length) > 0
          ? new Stall(who.name(), Duration.ofNanos(fromNanos), other)
          : this;
    }

    Stall orLonger(Stall other) {
      return other.length.compareTo(length) > 0 ? other : this;
    }

    @Override
    public String toString() {
      return "%.2f s (%s, %.1f s after)"
          .formatted(length.toMillis() / 1e3, client, after.toMillis() / 1e3);
    }
  }

  /**
   * @param failures other than conflicts
   */
  record Seen(long committed, Stall longestStall, List<Outcome> failures) {
    List<String> states() {
      return failures.stream().map(Outcome::sqlState).distinct().sorted().toList();
    }
  }

  /** Ends the clients and compares what they know with what is there. */
  String verify() throws SQLException, InterruptedException {
    stop();
    int resolved = 0;
    try (Connection connection = cluster.connect(0, database);
        Statement session = connection.createStatement()) {
      for (SetClient client : sets) {
        resolved += client.verify(session);
      }
      BankClient.checkSum(session);
    }
    long commits = since(threadsBegan()).committed();
    return commits + " commits, " + resolved + " outcomes asked for";
  }

  private long threadsBegan() {
    return System.nanoTime() - Duration.ofHours(24).toNanos();
  }

  private void stop() throws InterruptedException {
    clients.forEach(Client::stop);
    for (Thread thread : threads) {
      assertThat(thread.join(FaultCluster.PATIENCE)).as("clients end").isTrue();
    }
    clients.forEach(Client::check);
  }

  @Override
  public void close() {
    clients.forEach(Client::stop);
  }
}
