package dev.sheaf.control.reconcile;

import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.BranchRegistry;
import dev.sheaf.control.registry.BranchRegistry.Start;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.control.registry.Takeover;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.ShardHost;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Branches and backups of databases: made, listed, put in place of what they came from.
 *
 * <pre>
 * restore:  shop at T --branch--> shop@before-...      then the names are swapped: shop is as it was
 *                                                      at T, shop@before-... is what it had become
 *           of a backup T is the moment at which that was taken
 * reset:    parent now --branch--> shop@reset-...      then the names are swapped, the old branch goes
 * </pre>
 *
 * <p>What is to be done is in the registry before it is begun: {@link DatabaseLifecycle#pass}
 * finishes what was interrupted. Thread-safe.
 */
public final class Branches {
  /** Transactions that have begun read their snapshots: these must stay. */
  private static final Duration SHORTEST_WINDOW = Duration.ofMinutes(1);

  private static final Duration LONGEST_WINDOW = Duration.ofDays(36_500);
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final DatabaseRegistry registry;
  private final BranchRegistry branches;
  private final DatabaseLifecycle lifecycle;
  private final ShardHost host;
  private final Duration window;

  /**
   * @param window how much of the past is kept of databases that have no window of their own
   */
  public Branches(
      DatabaseRegistry registry, DatabaseLifecycle lifecycle, ShardHost host, Duration window) {
    this.registry = registry;
    this.branches = new BranchRegistry(registry);
    this.lifecycle = lifecycle;
    this.host = host;
    this.window = window;
  }

  /**
   * Makes a branch; returns when it can be connected to, or at the deadline with an operation that
   * is running.
   *
   * @param name without the family's part: {@code dev} of {@code shop@dev}
   * @param at which state of the parent to begin with, to the end of the millisecond; empty: now
   * @throws SheafException 72000 that is no longer kept, 22023 it is in the future; as {@link
   *     BranchRegistry#create}
   */
  public DatabaseStatus create(
      DatabaseName parent, String name, Optional<Instant> at, Deadline deadline) {
    return begin(parent.branch(name), parent, at, deadline);
  }

  private DatabaseStatus begin(
      DatabaseName full, DatabaseName parent, Optional<Instant> at, Deadline deadline) {
    DatabaseRecord from = ready(parent);
    var start = new Start(from, point(from, at, deadline));
    return lifecycle.carryOn(
        branches.create(full, start, Optional.empty(), from.window(), deadline), deadline);
  }

  /**
   * Makes a branch that begins as a backup did, with the window of the database that the backup
   * belongs to. From then on it does not need the backup any more. Returns as {@link #create}.
   *
   * @param backup without the database's part
   * @throws SheafException 42704 there is no such backup; as {@link BranchRegistry#create}
   */
  public DatabaseStatus createFrom(
      DatabaseName database, String name, String backup, Deadline deadline) {
    DatabaseName full = database.branch(name);
    DatabaseRecord present = ready(database);
    Start start = Start.of(readyBackup(database, backup));
    return lifecycle.carryOn(
        branches.create(full, start, Optional.empty(), present.window(), deadline), deadline);
  }

  /**
   * Takes a backup: what the database stored at a moment stays for it until it is deleted. Costs no
   * more than a branch, and nobody opens it. Returns when it is taken, or at the deadline with an
   * operation that is running.
   *
   * @param name without the database's part
   * @param at as of {@link #create}
   * @throws SheafException 42710 the name is taken; as {@link #create}
   */
  public DatabaseStatus backUp(
      DatabaseName database, String name, Optional<Instant> at, Deadline deadline) {
    return begin(database.backup(name), database, at, deadline);
  }

  /**
   * The backups that belong to the name of a database; as {@link DatabaseRegistry#list}.
   *
   * @throws SheafException 3D000 no such database
   */
  public DatabasePage backups(DatabaseName database, Optional<String> cursor, int limit) {
    DatabaseName owner = registry.require(database).name();
    return registry.list(
        cursor, limit, each -> each.isBackup() && each.name().database().equals(owner));
  }

  /** 3D000 no such database; 42704 it has no such backup. */
  public DatabaseStatus backup(DatabaseName database, String name) {
    return lifecycle.status(requireBackup(database, name));
  }

  /**
   * Deletes a backup, and with it what was stored for it alone; returns as {@link
   * DatabaseLifecycle#delete}.
   *
   * @throws SheafException as {@link #backup}; 55006 it is just being restored
   */
  public DatabaseStatus deleteBackup(DatabaseName database, String name, Deadline deadline) {
    return lifecycle.delete(requireBackup(database, name).name(), deadline);
  }

  private DatabaseRecord requireBackup(DatabaseName database, String name) {
    DatabaseName full = database.backup(name);
    return registry
        .find(full)
        .orElseThrow(() -> {
          DatabaseName owner = registry.require(database).name();
          return new SheafException(
                  ErrorCode.UNDEFINED_OBJECT,
                  "database \"" + owner + "\" has no backup \"" + name + "\"")
              .withHint("./sheaf backup list " + owner + " shows those that there are.");
        });
  }

  private DatabaseRecord readyBackup(DatabaseName database, String name) {
    DatabaseRecord backup = requireBackup(database, name);
    BranchRegistry.checkReady(backup);
    return backup;
  }

  /**
   * The branches of a database itself, not those of its branches; as {@link DatabaseRegistry#list}.
   */
  public DatabasePage list(DatabaseName parent, Optional<String> cursor, int limit) {
    DatabaseId id = registry.require(parent).id();
    return registry.list(
        cursor, limit, database -> database.branchesOff(id) && !database.isBackup());
  }

  /**
   * Puts a database back to how it was: its name goes to a branch of that moment, and what it has
   * become stays under another name.
   *
   * @param keepAs the other name, without the family's part; empty: one with the time of now
   * @throws SheafException as {@link #create}; 55006 another restore was faster
   */
  public DatabaseStatus restore(
      DatabaseName name, Instant at, Optional<String> keepAs, Deadline deadline) {
    DatabaseRecord present = ready(name);
    DatabaseName kept = kept(present, keepAs, deadline);
    var start = new Start(present, point(present, Optional.of(at), deadline));
    return takeOver(kept, start, present, false, deadline);
  }

  /**
   * As the other one, to the state of a backup.
   *
   * @param backup without the database's part
   * @throws SheafException 42704 there is no such backup; as {@link BranchRegistry#create}; 55006
   *     another restore was faster
   */
  public DatabaseStatus restore(
      DatabaseName name, String backup, Optional<String> keepAs, Deadline deadline) {
    DatabaseRecord present = ready(name);
    Start start = Start.of(readyBackup(name, backup));
    return takeOver(kept(present, keepAs, deadline), start, present, false, deadline);
  }

  private DatabaseName kept(DatabaseRecord present, Optional<String> keepAs, Deadline deadline) {
    if (keepAs.isPresent()) {
      return present.name().branch(keepAs.get());
    }
    Timestamp now = host.now(present.rootShard(), deadline);
    return present.name().branch("before-" + MOMENT.format(Instant.ofEpochMilli(now.millis())));
  }

  /**
   * Puts a branch back to how its parent is now. What it had become is deleted.
   *
   * @throws SheafException 55000 it is no branch; 2BP01 it has branches or backups; as {@link
   *     #create}
   */
  public DatabaseStatus reset(DatabaseName name, Deadline deadline) {
    DatabaseRecord present = ready(name);
    DatabaseName parentName =
        present
            .origin()
            .flatMap(origin -> lifecycle.nameOf(origin.parent()))
            .orElseThrow(() ->
                new SheafException(
                        ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "database \"" + name + "\" is no branch")
                    .withHint("Only a branch has a parent that it can be reset to."));
    branches.checkNoChildren(present);
    DatabaseRecord parent = ready(parentName);
    Timestamp point = host.now(parent.rootShard(), deadline);
    DatabaseName other = name.branch(branches.newName("reset"));
    return takeOver(other, new Start(parent, point), present, true, deadline);
  }

  private DatabaseStatus takeOver(
      DatabaseName ownName,
      Start start,
      DatabaseRecord replaced,
      boolean deletesReplaced,
      Deadline deadline) {
    var takeover = new Takeover(replaced.name(), replaced.id(), deletesReplaced);
    DatabaseRecord branch =
        branches.create(ownName, start, Optional.of(takeover), replaced.window(), deadline);
    DatabaseStatus done = lifecycle.carryOn(branch, deadline);
    Optional<DatabaseRecord> winner =
        registry.find(replaced.name()).filter(found -> found.id().equals(branch.id()));
    if (winner.isPresent()) {
      return lifecycle.carryOn(winner.get(), deadline);
    }
    if (done.database().state() == DatabaseState.READY) {
      throw new SheafException(
              ErrorCode.OBJECT_IN_USE,
              "the name \"" + replaced.name() + "\" went to another database meanwhile")
          .withHint("The state that was asked for is in database " + ownName + ".");
    }
    return done;
  }

  /**
   * Sets how far back a database can be branched.
   *
   * @throws SheafException 22023 no sensible duration; 3D000 no such database
   */
  public DatabaseStatus keep(DatabaseName name, Duration past, Deadline deadline) {
    if (past.compareTo(SHORTEST_WINDOW) < 0 || past.compareTo(LONGEST_WINDOW) > 0) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "the past cannot be kept for " + past)
          .withHint("Give an ISO 8601 duration from PT1M to P36500D.");
    }
    return lifecycle.status(branches.keep(registry.require(name), past, deadline));
  }

  /** How much of its past is kept. */
  public Duration pastKept(DatabaseRecord database) {
    return database.window().orElse(window);
  }

  private DatabaseRecord ready(DatabaseName name) {
    DatabaseRecord database = registry.require(name);
    BranchRegistry.checkReady(database);
    return database;
  }

  private Timestamp point(DatabaseRecord parent, Optional<Instant> at, Deadline deadline) {
    Timestamp now = host.now(parent.rootShard(), deadline);
    if (at.isEmpty()) {
      return now;
    }
    long millis = at.get().toEpochMilli();
    Instant latest = Instant.ofEpochMilli(now.millis());
    if (millis > now.millis()) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, at.get() + " is in the future")
          .withHint("The database's time is " + latest + ".");
    }
    Instant kept = latest.minus(pastKept(parent));
    // Parents outlive their branches: there is history since the first of them was created.
    Instant begun = registry.families().first(parent).createdAt();
    Instant earliest = kept.isAfter(begun) ? kept : begun;
    if (at.get().isBefore(earliest)) {
      throw new SheafException(
              ErrorCode.SNAPSHOT_TOO_OLD,
              "%s is not kept: the past of database \"%s\" goes from %s to %s"
                  .formatted(at.get(), parent.name(), earliest, latest))
          .withHint(
              "It was created at %s, and keeps %s of its past.".formatted(begun, pastKept(parent)));
    }
    Timestamp end = Timestamp.endOfMillis(millis);
    return end.isAfter(now) ? now : end;
  }
}
