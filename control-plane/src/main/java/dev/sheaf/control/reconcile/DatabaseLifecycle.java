package dev.sheaf.control.reconcile;

import dev.sheaf.control.reconcile.Operation.Action;
import dev.sheaf.control.reconcile.Operation.Status;
import dev.sheaf.control.registry.BranchRegistry;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseRegistry.Registration;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.control.registry.IdempotencyKey;
import dev.sheaf.control.registry.Origin;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorKind;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.ShardHost;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/**
 * Creates, serves and deletes databases.
 *
 * <pre>
 *   branching --write first manifest--> creating --open root shard--> ready --delete--> deleting
 *   deleting --drop root shard--> gone
 *   of a backup:  branching --write first manifest--> ready
 * </pre>
 *
 * <p>A state is durable before the work that it announces begins, so whatever was interrupted shows
 * in the registry and is taken up by {@link #pass}. A branch that is to take another database's
 * name gets it in the moment in which it becomes ready. Thread-safe.
 */
public final class DatabaseLifecycle {
  private static final System.Logger LOG = System.getLogger(DatabaseLifecycle.class.getName());
  private static final int STEPS_AT_ONCE = 8;
  private static final long STEP_TIMEOUT_MILLIS = 60_000;

  private final DatabaseRegistry registry;
  private final BranchRegistry branches;
  private final ShardHost host;
  private final Executor executor;
  private final LongSupplier nanoClock;
  private final DatabaseLocks locks;
  private final Attempts attempts = new Attempts();
  private final Semaphore stepsAtOnce = new Semaphore(STEPS_AT_ONCE);

  /**
   * @param executor runs the steps of {@link #pass}; they block
   * @param nanoClock monotonic
   */
  public DatabaseLifecycle(
      DatabaseRegistry registry, ShardHost host, Executor executor, LongSupplier nanoClock) {
    this.registry = registry;
    this.branches = new BranchRegistry(registry);
    this.host = host;
    this.executor = executor;
    this.nanoClock = nanoClock;
    this.locks = new DatabaseLocks(nanoClock);
  }

  /** A database and the work on it, at one moment. */
  public record DatabaseStatus(DatabaseRecord database, List<Operation> operations) {}

  /** The answer to {@link #create}. */
  public sealed interface Creation {
    /** Created now, or by an earlier request under the same idempotency key. */
    record Created(DatabaseStatus status) implements Creation {}

    /** The idempotency key belongs to another request. */
    record KeyReused() implements Creation {}
  }

  /**
   * Registers a database and opens its root shard. When only the opening fails, the database stays
   * in state creating and the opening is tried again.
   *
   * @throws SheafException as {@link DatabaseRegistry#create}
   */
  public Creation create(
      DatabaseName name, Optional<IdempotencyKey> idempotency, Deadline deadline) {
    return switch (registry.create(name, idempotency, deadline)) {
      case Registration.KeyReused reused -> new Creation.KeyReused();
      case Registration.Created created -> created(created.database(), deadline);
      case Registration.Repeated repeated -> created(repeated.database(), deadline);
    };
  }

  private Creation created(DatabaseRecord database, Deadline deadline) {
    return new Creation.Created(carryOn(database, deadline));
  }

  /** Does what is left to be done for a database that was registered. */
  DatabaseStatus carryOn(DatabaseRecord database, Deadline deadline) {
    if (needsWork(database)) {
      attempt(database, deadline);
    }
    DatabaseRecord now =
        registry
            .find(database.name())
            .filter(found -> found.id().equals(database.id()))
            .orElse(database);
    boolean running = now.state().compareTo(DatabaseState.READY) < 0;
    Status status = running ? Status.RUNNING : Status.FINISHED;
    return new DatabaseStatus(now, List.of(operation(now, Action.CREATE_DATABASE, status)));
  }

  /** The name that a database has now; empty if it is gone. */
  public Optional<DatabaseName> nameOf(DatabaseId database) {
    return Optional.ofNullable(registry.families().database(database)).map(DatabaseRecord::name);
  }

  /** 3D000 if there is none. */
  public DatabaseStatus get(DatabaseName name) {
    return status(registry.require(name));
  }

  /** As {@link DatabaseRegistry#list}. */
  public DatabasePage list(Optional<String> cursor, int limit) {
    return registry.list(cursor, limit);
  }

  /** The work that a database is waiting for, if any. */
  public DatabaseStatus status(DatabaseRecord database) {
    if (!needsWork(database)) {
      return new DatabaseStatus(database, List.of());
    }
    Action action =
        switch (database.state()) {
          case BRANCHING, CREATING -> Action.CREATE_DATABASE;
          case READY -> Action.OPEN_DATABASE;
          case DELETING -> Action.DELETE_DATABASE;
        };
    return new DatabaseStatus(database, List.of(operation(database, action, Status.RUNNING)));
  }

  private Operation operation(DatabaseRecord database, Action action, Status status) {
    return Operation.of(database, action, status, attempts.of(database.id()));
  }

  /**
   * Marks a database as deleting, which refuses sessions at once, and deletes what it stored. When
   * that fails or takes longer than the deadline, it is tried again: the operation is then running.
   *
   * @throws SheafException 3D000 if there is none; as {@link BranchRegistry#markDeleting}
   */
  public DatabaseStatus delete(DatabaseName name, Deadline deadline) {
    DatabaseRecord database = branches.markDeleting(registry.require(name), deadline);
    registry.markServed(database, false);
    boolean done = attempt(database, deadline);
    Status status = done ? Status.FINISHED : Status.RUNNING;
    return new DatabaseStatus(
        database, List.of(operation(database, Action.DELETE_DATABASE, status)));
  }

  /** Databases that should be served and are not, sorted by name. */
  public List<DatabaseStatus> waiting() {
    return registry.registered().stream()
        .filter(database -> database.state() != DatabaseState.DELETING)
        .filter(this::needsWork)
        .map(this::status)
        .toList();
  }

  /**
   * Tries what is due and waits for it, a few databases at a time. Failures are logged and tried
   * again by a later pass.
   */
  public void pass() {
    List<CompletableFuture<Void>> steps =
        registry.registered().stream()
            .filter(this::needsWork)
            .filter(database -> attempts.isDue(database.id(), nanoClock.getAsLong()))
            .map(database -> CompletableFuture.runAsync(() -> inTurn(database), executor))
            .toList();
    CompletableFuture.allOf(steps.toArray(new CompletableFuture<?>[0])).join();
  }

  private void inTurn(DatabaseRecord database) {
    stepsAtOnce.acquireUninterruptibly();
    try {
      attempt(database, Deadline.after(nanoClock.getAsLong(), STEP_TIMEOUT_MILLIS));
    } finally {
      stepsAtOnce.release();
    }
  }

  private boolean needsWork(DatabaseRecord database) {
    return database.state() != DatabaseState.READY || !registry.isServed(database);
  }

  /** Returns whether the database now needs nothing more. */
  private boolean attempt(DatabaseRecord database, Deadline deadline) {
    try {
      locks.run(database.id(), deadline, () -> step(database, deadline));
      attempts.succeeded(database.id());
      return true;
    } catch (RuntimeException e) {
      if (isGone(database)) {
        attempts.succeeded(database.id());
        return true;
      }
      failed(database, e);
      return false;
    }
  }

  private boolean isGone(DatabaseRecord database) {
    return registry
        .find(database.name())
        .filter(found -> found.id().equals(database.id()))
        .isEmpty();
  }

  private void failed(DatabaseRecord database, RuntimeException error) {
    String message = error instanceof SheafException known ? known.message() : error.toString();
    attempts.failed(database.id(), message, nanoClock.getAsLong());
    String what = "database " + database.name() + " (" + database.id() + "): " + message;
    if (error instanceof SheafException known && known.code().kind() != ErrorKind.INTERNAL) {
      LOG.log(System.Logger.Level.WARNING, what);
    } else {
      LOG.log(System.Logger.Level.ERROR, what, error);
    }
  }

  private void step(DatabaseRecord database, Deadline deadline) {
    DatabaseRecord now =
        registry
            .find(database.name())
            .filter(found -> found.id().equals(database.id()))
            .orElse(null);
    if (now == null) {
      return;
    }
    switch (now.state()) {
      case BRANCHING -> begin(now, deadline);
      case CREATING -> create(now, deadline);
      case READY -> {
        if (!registry.isServed(now)) {
          host.open(now.rootShard(), deadline);
          registry.markServed(now, true);
        }
      }
      case DELETING -> {
        registry.markServed(now, false);
        host.drop(now.rootShard(), deadline);
        registry.remove(now, deadline);
      }
    }
  }

  private void begin(DatabaseRecord database, Deadline deadline) {
    Origin origin = database.origin().orElseThrow();
    if (origin.backup().isPresent()) {
      host.beginAs(ShardId.root(origin.backup().get()), database.rootShard(), deadline);
    } else {
      host.branch(ShardId.root(origin.parent()), database.rootShard(), origin.at(), deadline);
    }
    if (database.isBackup()) {
      DatabaseRecord unused = registry.advance(database, DatabaseState.READY, deadline);
    } else {
      create(registry.advance(database, DatabaseState.CREATING, deadline), deadline);
    }
  }

  private void create(DatabaseRecord database, Deadline deadline) {
    host.open(database.rootShard(), deadline);
    registry.markServed(database, true);
    if (database.takeover().isPresent()) {
      DatabaseRecord unused = branches.takeOver(database, deadline);
    } else {
      DatabaseRecord unused = registry.advance(database, DatabaseState.READY, deadline);
    }
  }
}
