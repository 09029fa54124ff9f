package dev.sheaf.control.registry;

import dev.sheaf.control.registry.RegistryCodec.Remembered;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.WatchedEntries;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * The databases, in the coordination store. Every change is one compare-and-set; when its outcome
 * is unknown it is read back by the write's token. Thread-safe.
 *
 * <p>As a directory it answers from a watched copy and leaves out backups and databases that are
 * being deleted. What this process created or removed, the copy shows when the call returns.
 */
public final class DatabaseRegistry implements DatabaseDirectory, AutoCloseable {
  /** How long a request can be repeated under its idempotency key. */
  public static final Duration REMEMBERED_FOR = Duration.ofHours(24);

  private static final String DATABASES = "control/database/";
  private static final String REQUESTS = "control/idempotency/";
  private static final int MAX_REMEMBERED = 10_000;

  private final Coordination coordination;
  private final InstantSource clock;
  private final RandomIds ids;
  private final int maxDatabases;
  private final WatchedEntries<DatabaseRecord> copy;
  private final Serving serving;
  private final Set<DatabaseId> served = ConcurrentHashMap.newKeySet();
  private volatile Indexed indexed =
      new Indexed(Collections.emptyNavigableMap(), Families.of(List.of()));

  /** An index of one picture of the copy. */
  private record Indexed(NavigableMap<String, DatabaseRecord> of, Families families) {}

  /** Where the shards of the databases are served. */
  public enum Serving {
    /** By this process: a database is ready once that was {@linkplain #markServed noted}. */
    HERE,
    /** By page servers elsewhere: a database is ready for good once it has been. */
    ELSEWHERE
  }

  /**
   * As the other constructor, for a process that serves the shards itself.
   *
   * @throws SheafException 57P03 if the copy is not complete by the deadline
   */
  public DatabaseRegistry(
      Coordination coordination,
      InstantSource clock,
      LongSupplier nanoClock,
      RandomGenerator random,
      int maxDatabases,
      Deadline deadline) {
    this(coordination, Serving.HERE, clock, nanoClock, random, maxDatabases, deadline);
  }

  /**
   * Begins to watch; returns when the copy is complete.
   *
   * @param clock wall clock, for creation and expiry
   * @param nanoClock monotonic, for deadlines
   * @param random for ids: unpredictable and seeded differently in each process
   * @param maxDatabases over it {@link #create} is 53400
   */
  public DatabaseRegistry(
      Coordination coordination,
      Serving serving,
      InstantSource clock,
      LongSupplier nanoClock,
      RandomGenerator random,
      int maxDatabases,
      Deadline deadline) {
    this.coordination = coordination;
    this.serving = serving;
    this.clock = clock;
    this.ids = new RandomIds(random);
    this.maxDatabases = maxDatabases;
    this.copy =
        WatchedEntries.begin(
            coordination,
            DATABASES,
            entry -> RegistryCodec.database(entry.key(), entry.value()),
            nanoClock,
            deadline);
  }

  /** What {@link #create} found. */
  public sealed interface Registration {
    record Created(DatabaseRecord database) implements Registration {}

    /** The request was answered before: with this database, shown as it is now if it still is. */
    record Repeated(DatabaseRecord database) implements Registration {}

    /** The idempotency key came with another body before; nothing was created. */
    record KeyReused() implements Registration {}
  }

  /**
   * Registers a database in state creating.
   *
   * @throws SheafException 42P04 the name is taken; 55006 its last bearer is still being deleted;
   *     53400 too many databases or idempotency keys
   */
  public Registration create(
      DatabaseName name, Optional<IdempotencyKey> idempotency, Deadline deadline) {
    Optional<Registration> repeated = idempotency.flatMap(this::repeated);
    if (repeated.isPresent()) {
      return repeated.get();
    }
    checkRoom();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    var database =
        new DatabaseRecord(ids.databaseId(name), name, DatabaseState.CREATING, now, ids.token());
    var conditions = new ArrayList<>(List.of(new Condition(key(name), 0)));
    var changes = new ArrayList<>(List.of(Change.put(key(name), RegistryCodec.encode(database))));
    idempotency.ifPresent(request -> {
      var remembered = new Remembered(request.bodyHash(), now.plus(REMEMBERED_FOR), database);
      String key = REQUESTS + request.keyHash();
      conditions.add(new Condition(key, remembrance(key)));
      changes.add(Change.put(key, RegistryCodec.encode(remembered)));
    });
    if (!commit(conditions, changes, database)) {
      return idempotency.flatMap(this::repeated).orElseThrow(() -> taken(name));
    }
    awaitShown(database, deadline);
    return new Registration.Created(database);
  }

  private void checkRoom() {
    if (coordination.list(DATABASES).size() >= maxDatabases) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              "there are " + maxDatabases + " databases already")
          .withHint("Delete one, or raise the limit in the server's configuration.");
    }
  }

  private Optional<Registration> repeated(IdempotencyKey request) {
    String key = REQUESTS + request.keyHash();
    Optional<Remembered> remembered =
        coordination
            .get(key)
            .map(entry -> RegistryCodec.remembered(key, entry.value()))
            .filter(found -> clock.instant().isBefore(found.expiresAt()));
    return remembered.map(found -> {
      if (!found.bodyHash().equals(request.bodyHash())) {
        return new Registration.KeyReused();
      }
      DatabaseRecord now = find(found.database().name()).orElse(found.database());
      return new Registration.Repeated(
          now.id().equals(found.database().id()) ? now : found.database());
    });
  }

  /** Revision of an entry about to be replaced; expired ones give way once too many pile up. */
  private long remembrance(String key) {
    if (coordination.list(REQUESTS).size() >= MAX_REMEMBERED && forgetExpired() == 0) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, "too many idempotency keys in 24 hours")
          .withHint("Try again later, or without Idempotency-Key.");
    }
    return coordination.get(key).map(Entry::modRevision).orElse(0L);
  }

  /** Deletes answers that have expired; returns how many. */
  public int forgetExpired() {
    int forgotten = 0;
    for (Entry entry : coordination.list(REQUESTS)) {
      Remembered remembered = RegistryCodec.remembered(entry.key(), entry.value());
      if (!clock.instant().isBefore(remembered.expiresAt())
          && coordination.commit(
              List.of(new Condition(entry.key(), entry.modRevision())),
              List.of(Change.delete(entry.key())))) {
        forgotten++;
      }
    }
    return forgotten;
  }

  /** The database as the store has it now, whatever its state. */
  public Optional<DatabaseRecord> find(DatabaseName name) {
    return entry(name).map(entry -> RegistryCodec.database(entry.key(), entry.value()));
  }

  /** As {@link #find}; 3D000 if there is none. */
  public DatabaseRecord require(DatabaseName name) {
    return find(name).orElseThrow(() -> unknown(name));
  }

  /**
   * @param cursor of the previous page; empty for the first. 22023 if it is none
   * @param limit of entries, at least 1
   */
  public DatabasePage list(Optional<String> cursor, int limit) {
    return list(cursor, limit, database -> !database.isBackup());
  }

  /** As the other one, of those that are asked for, which may be backups. */
  public DatabasePage list(Optional<String> cursor, int limit, Predicate<DatabaseRecord> filter) {
    var all = copy.present();
    var rest = cursor.map(text -> all.tailMap(key(DatabasePage.nameIn(text)), false)).orElse(all);
    List<DatabaseRecord> page = rest.values().stream().filter(filter).limit(limit + 1L).toList();
    return page.size() <= limit
        ? new DatabasePage(page, Optional.empty())
        : new DatabasePage(
            page.subList(0, limit),
            Optional.of(DatabasePage.cursorAfter(page.get(limit - 1).name())));
  }

  /** Calls back after each change of the copy; the listener must not block. */
  public void onChange(Runnable listener) {
    copy.onChange(listener);
  }

  /**
   * Holds exactly as long as the database's entry stays as it is now; empty if that is not the
   * given state any more.
   */
  public Optional<Condition> unchanged(DatabaseRecord database) {
    return entry(database.name())
        .filter(entry -> RegistryCodec.database(entry.key(), entry.value()).equals(database))
        .map(entry -> new Condition(entry.key(), entry.modRevision()));
  }

  /** Every registered database and backup, whatever its state, sorted by name. */
  public List<DatabaseRecord> registered() {
    return List.copyOf(copy.present().values());
  }

  /**
   * Moves a database on to a later state, if it is still this one. Being in that state already is
   * fine; so is a later one, except that a database being deleted never becomes ready (55006).
   */
  public DatabaseRecord advance(DatabaseRecord database, DatabaseState to, Deadline deadline) {
    while (true) {
      Entry entry = entry(database.name()).orElseThrow(() -> unknown(database.name()));
      DatabaseRecord present = RegistryCodec.database(entry.key(), entry.value());
      if (!present.id().equals(database.id())) {
        throw unknown(database.name());
      }
      if (present.state() == to) {
        return present;
      }
      if (present.state().compareTo(to) > 0) {
        throw new SheafException(
            ErrorCode.OBJECT_IN_USE, "database \"" + database.name() + "\" is being deleted");
      }
      DatabaseRecord next = present.in(to, ids.token());
      if (commit(
          List.of(new Condition(entry.key(), entry.modRevision())),
          List.of(Change.put(entry.key(), RegistryCodec.encode(next))),
          next)) {
        awaitShown(next, deadline);
        return next;
      }
    }
  }

  /** Takes a database that is being deleted off the list; its name is free again. Idempotent. */
  public void remove(DatabaseRecord database, Deadline deadline) {
    served.remove(database.id());
    boolean removed = false;
    while (!removed) {
      Optional<Entry> entry = entry(database.name()).filter(found -> holds(found, database));
      removed =
          entry.isEmpty()
              || coordination.commit(
                  List.of(new Condition(entry.get().key(), entry.get().modRevision())),
                  List.of(Change.delete(entry.get().key())));
    }
    copy.await(
        () -> {
          DatabaseRecord shown = copy.present().get(key(database.name()));
          return shown == null || !shown.id().equals(database.id());
        },
        deadline);
  }

  /** The parts of the registry that {@link BranchRegistry} shares. */
  Entry require(DatabaseRecord database) {
    return entry(database.name())
        .filter(found -> holds(found, database))
        .orElseThrow(() -> unknown(database.name()));
  }

  /** All databases as the store has them now. */
  List<DatabaseRecord> stored() {
    return coordination.list(DATABASES).stream()
        .map(entry -> RegistryCodec.database(entry.key(), entry.value()))
        .toList();
  }

  /**
   * Adds a branch if what it begins with is still as it was read, which is written anew: so whoever
   * deletes that at the same time has to look again. False if it has changed.
   *
   * @param source the parent, or the backup
   * @throws SheafException 42P04 (of backups 42710), 55006 the name is taken; 53400 too many
   *     databases
   */
  boolean add(DatabaseRecord branch, DatabaseRecord source, long sourceRevision) {
    checkRoom();
    boolean added =
        commit(
            List.of(
                new Condition(key(branch.name()), 0),
                new Condition(key(source.name()), sourceRevision)),
            List.of(
                Change.put(key(branch.name()), RegistryCodec.encode(branch)),
                Change.put(
                    key(source.name()),
                    RegistryCodec.encode(source.in(source.state(), ids.token())))),
            branch);
    if (!added && entry(branch.name()).isPresent()) {
      throw taken(branch.name());
    }
    return added;
  }

  /** Writes a record over what was read; false if that has changed. */
  boolean replace(DatabaseRecord next, long revision) {
    return commit(
        List.of(new Condition(key(next.name()), revision)),
        List.of(Change.put(key(next.name()), RegistryCodec.encode(next))),
        next);
  }

  /**
   * Writes two records over what was read of two entries, at one moment; false if one of them has
   * changed.
   */
  boolean replace(DatabaseRecord one, long oneRevision, DatabaseRecord other, long otherRevision) {
    return commit(
        List.of(
            new Condition(key(one.name()), oneRevision),
            new Condition(key(other.name()), otherRevision)),
        List.of(
            Change.put(key(one.name()), RegistryCodec.encode(one)),
            Change.put(key(other.name()), RegistryCodec.encode(other))),
        one);
  }

  RandomIds ids() {
    return ids;
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Notes whether this process serves the database's root shard; shown by the directory. */
  public void markServed(DatabaseRecord database, boolean isServed) {
    if (isServed) {
      served.add(database.id());
    } else {
      served.remove(database.id());
    }
  }

  /**
   * Whether a database of this id is registered, has all that it begins with, and is not being
   * deleted: its shards may be opened. Never those of a backup.
   */
  public boolean exists(DatabaseId id) {
    DatabaseRecord found = families().database(id);
    return found != null
        && !found.isBackup()
        && found.state() != DatabaseState.BRANCHING
        && found.state() != DatabaseState.DELETING;
  }

  /** The databases by id and by what they branch off, from the copy. Never waits. */
  public Families families() {
    NavigableMap<String, DatabaseRecord> present = copy.present();
    Indexed known = indexed;
    if (known.of() != present) {
      known = new Indexed(present, Families.of(present.values()));
      indexed = known;
    }
    return known.families();
  }

  /** Whether the database's root shard is served, or is somebody else's business or nobody's. */
  public boolean isServed(DatabaseRecord database) {
    return serving == Serving.ELSEWHERE || database.isBackup() || served.contains(database.id());
  }

  @Override
  public Optional<DatabaseInfo> byName(String name) {
    return Optional.ofNullable(copy.present().get(DATABASES + name))
        .filter(DatabaseRegistry::isListed)
        .map(this::info);
  }

  @Override
  public List<DatabaseInfo> all() {
    return copy.present().values().stream()
        .filter(DatabaseRegistry::isListed)
        .map(this::info)
        .toList();
  }

  private static boolean isListed(DatabaseRecord database) {
    return database.state() != DatabaseState.DELETING && !database.isBackup();
  }

  private DatabaseInfo info(DatabaseRecord database) {
    boolean ready = database.state() == DatabaseState.READY && isServed(database);
    return new DatabaseInfo(database.id(), database.name().value(), ready);
  }

  /** Commits; an unknown outcome is settled by looking for the token that was written. */
  private boolean commit(List<Condition> conditions, List<Change> changes, DatabaseRecord written) {
    try {
      return coordination.commit(conditions, changes);
    } catch (SheafException e) {
      if (e.code() == ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        return find(written.name()).filter(written::equals).isPresent();
      }
      throw e;
    }
  }

  /** Waits until the copy shows the write, or a later one, or the entry is gone again. */
  void awaitShown(DatabaseRecord database, Deadline deadline) {
    copy.await(
        () -> {
          DatabaseRecord shown = copy.present().get(key(database.name()));
          return (shown != null
                  && shown.id().equals(database.id())
                  && shown.state().compareTo(database.state()) >= 0)
              || entry(database.name()).filter(entry -> holds(entry, database)).isEmpty();
        },
        deadline);
  }

  private static boolean holds(Entry entry, DatabaseRecord database) {
    return RegistryCodec.database(entry.key(), entry.value()).id().equals(database.id());
  }

  private Optional<Entry> entry(DatabaseName name) {
    return coordination.get(key(name));
  }

  private static String key(DatabaseName name) {
    return DATABASES + name;
  }

  private SheafException taken(DatabaseName name) {
    boolean deleting =
        find(name).filter(found -> found.state() == DatabaseState.DELETING).isPresent();
    ErrorCode taken = name.isBackup() ? ErrorCode.DUPLICATE_OBJECT : ErrorCode.DUPLICATE_DATABASE;
    return deleting
        ? new SheafException(ErrorCode.OBJECT_IN_USE, name.described() + " is being deleted")
            .withHint("Try again in a moment.")
        : new SheafException(taken, name.described() + " already exists");
  }

  private static SheafException unknown(DatabaseName name) {
    return new SheafException(
        ErrorCode.INVALID_CATALOG_NAME, "database \"" + name + "\" does not exist");
  }

  @Override
  public void close() {
    copy.close();
  }
}
