package dev.sheaf.system.sim;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.system.sim.Session.Outcome;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What clients do with a family of databases: one writes each, others read any as of any time, some
 * of them so slowly that what they read is compacted, swept or moved meanwhile.
 */
final class StoreClients {
  static final int TABLE = 1001;
  private static final int KEYS = 30;

  /** What happened while the time of the answer went on may have left the window. */
  private static final long MARGIN_MILLIS = 100;

  private final World world;
  private final List<PageServerNode> pageServers;
  private final Machine machine;
  private final Map<String, AtomicLong> counts = new TreeMap<>();

  StoreClients(World world, List<PageServerNode> pageServers, Machine machine) {
    this.world = world;
    this.pageServers = pageServers;
    this.machine = machine;
  }

  /** How often things happened, by name. */
  Map<String, AtomicLong> counts() {
    return counts;
  }

  void count(String what) {
    counts.computeIfAbsent(what, _ -> new AtomicLong()).incrementAndGet();
  }

  Session session(History database) {
    return new Session(
        world,
        pageServers,
        machine,
        database.shard(),
        database::isGone,
        FamilyHosting.GRACE_MILLIS);
  }

  private boolean isChaos() {
    return world.simulation.nanos() < World.CHAOS_NANOS;
  }

  /** The only writer of a database, until chaos or the database ends. */
  void write(History database, Random random) {
    Session session = session(database);
    while (isChaos() && !database.isGone()) {
      try {
        if (!writeOnce(database, session, random)) {
          return;
        }
      } catch (SheafException unavailable) {
        session.pause(100);
      }
      session.pause(40);
    }
  }

  /** False once nobody can say what is there. */
  boolean writeOnce(History database, Session session, Random random) {
    Timestamp snapshot = session.snapshot();
    database.settle(snapshot);
    var next = new TreeMap<>(database.present());
    var writes = new TreeMap<Long, Write>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      long key = random.nextInt(KEYS);
      long value = random.nextInt(1_000_000);
      boolean delete = random.nextInt(3) == 0;
      writes.put(key, delete ? Rows.delete(TABLE, key) : Rows.put(TABLE, key, value));
      if (delete) {
        next.remove(key);
      } else {
        next.put(key, value);
      }
    }
    Outcome outcome = session.commit(snapshot, List.copyOf(writes.values()));
    return switch (outcome) {
      case Outcome.Committed(Timestamp at) -> {
        count("commits");
        if (at.equals(Timestamp.ZERO)) {
          database.unknownAfter(snapshot);
          learn(database, session, next);
        } else {
          database.from(at, next);
        }
        yield true;
      }
      case Outcome.Aborted _ -> true;
      case Outcome.Unknown _ -> {
        database.unknownAfter(snapshot);
        yield false;
      }
    };
  }

  /** When the state has surely begun. */
  private void learn(History database, Session session, TreeMap<Long, Long> state) {
    while (!database.isGone()) {
      try {
        database.from(session.snapshot(), state);
        return;
      } catch (SheafException unavailable) {
        session.pause(100);
      }
    }
    database.from(Timestamp.MAX, state);
  }

  /**
   * Reads a database at some time.
   *
   * @param slow whether it takes seconds
   */
  void readOnce(History database, Session session, Random random, boolean slow) {
    Timestamp at = database.any(random);
    Optional<TreeMap<Long, Long>> expected = database.at(at);
    if (expected.isEmpty() || at.equals(Timestamp.ZERO)) {
      return;
    }
    if (random.nextInt(20) == 0) {
      session.wander();
    }
    if (slow || random.nextBoolean()) {
      check(database, at, expected.get(), session, slow ? 1_000 : 0);
    } else {
      get(database, at, expected.get(), session, random);
    }
  }

  private void get(
      History database,
      Timestamp at,
      TreeMap<Long, Long> expected,
      Session session,
      Random random) {
    var wanted = new ArrayList<Long>();
    for (int i = 0; i < 4; i++) {
      wanted.add((long) random.nextInt(KEYS));
    }
    List<byte[]> rows =
        allowed(
            database,
            at,
            () -> session.get(at, wanted.stream().map(key -> Rows.key(TABLE, key)).toList()));
    for (int i = 0; i < wanted.size(); i++) {
      byte[] row = rows.get(i);
      Long found = row == null ? null : Rows.number(row);
      Long right = expected.get(wanted.get(i));
      if (right == null ? found != null : !right.equals(found)) {
        throw wrong(database, at, "row " + wanted.get(i) + " is " + found + " instead of " + right);
      }
    }
    count("gets");
  }

  /**
   * Scans a database and compares.
   *
   * @param lingerMillis most that the reader sleeps before each segment
   */
  void check(
      History database,
      Timestamp at,
      TreeMap<Long, Long> expected,
      Session session,
      int lingerMillis) {
    Scan.Found found =
        allowed(
            database,
            at,
            () ->
                session.call(
                    "scan",
                    lingerMillis == 0 ? 1_500 : 6_000,
                    (shards, deadline) -> scan(database, at, shards, deadline, lingerMillis)));
    if (!found.rows().equals(expected) || !found.twice().isEmpty()) {
      throw wrong(
          database,
          at,
          "%s instead of %s, twice %s".formatted(found.rows(), expected, found.twice()));
    }
    count(lingerMillis == 0 ? "scans" : "slow scans");
  }

  /**
   * On the page server's machine: what a view shows stays there as long as it is open there, and if
   * the shard has moved, for the grace period.
   */
  private Scan.Found scan(
      History database, Timestamp at, ShardService shards, Deadline deadline, int lingerMillis) {
    Term term = world.log(database.shard()).newestTerm();
    long began = world.simulation.nanos();
    var opened = new HashMap<String, Boolean>();
    try {
      return Scan.run(
          shards,
          world.objects,
          database.shard(),
          at,
          TABLE,
          deadline,
          () -> {
            opened.put("view", true);
            sleep(lingerMillis);
          });
    } catch (SheafException e) {
      boolean moved = !world.log(database.shard()).newestTerm().equals(term);
      boolean late = world.simulation.nanos() - began > FamilyHosting.GRACE_MILLIS * 1_000_000;
      if (e.code() == ErrorCode.DATA_CORRUPTED && !opened.isEmpty() && !database.isGone()) {
        if (!(moved && late)) {
          throw wrong(database, at, "an open view lost what it reads: " + e.message());
        }
        count("views that outlived a move");
      }
      throw e;
    }
  }

  private void sleep(int mostMillis) {
    if (mostMillis > 0) {
      try {
        Thread.sleep(world.simulation.random().nextInt(mostMillis));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private interface Read<T> {
    T read();
  }

  /** A read of a time within the window is not refused. */
  private <T> T allowed(History database, Timestamp at, Read<T> read) {
    try {
      return read.read();
    } catch (SheafException e) {
      checkRefusal(database, at, e);
      throw e;
    }
  }

  /** Fails if a time was refused that must be readable. */
  void checkRefusal(History database, Timestamp at, SheafException e) {
    if (e.code() != ErrorCode.SNAPSHOT_TOO_OLD) {
      return;
    }
    count("refused as too old");
    if (at.millis() > machine.wallMillis() - FamilyHosting.WINDOW_MILLIS + MARGIN_MILLIS) {
      throw wrong(database, at, "refused within the window: " + e.message());
    }
  }

  /** Whether it must still be readable for a while. */
  boolean isRecent(Timestamp at) {
    return at.millis() > machine.wallMillis() - FamilyHosting.WINDOW_MILLIS / 2;
  }

  private SimulationFailure wrong(History database, Timestamp at, String what) {
    var failure = new SimulationFailure("%s at %s: %s".formatted(database.shard(), at, what));
    world.simulation.fail(failure);
    return failure;
  }
}
