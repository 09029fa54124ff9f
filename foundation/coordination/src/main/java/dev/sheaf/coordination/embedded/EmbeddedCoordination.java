package dev.sheaf.coordination.embedded;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@link Coordination} for one process. A change is fsynced before it is answered or seen by
 * anybody; after a write failed nothing more is answered (58030) until the process starts again.
 *
 * <p>The holder of a lease and the store live and die together, so a lease holds until it is closed
 * and its entries do not outlive the process. Whoever opens a folder must own it alone: the server
 * locks its data folder.
 *
 * <p>Thread-safe. Reads never wait for the disk.
 */
public final class EmbeddedCoordination implements Coordination {
  /** Longest value, in bytes of UTF-8. */
  public static final int MAX_VALUE_BYTES = 64 * 1024;

  private static final long SNAPSHOT_AFTER_BYTES = 1 << 20;

  private final LongSupplier nanoClock;
  private final Executor watchExecutor;
  private final @Nullable FactJournal journal;
  private final boolean readOnly;
  private final Facts facts;

  /** Held over a whole change, the disk included; guards what follows. */
  private final ReentrantLock changing = new ReentrantLock();

  private final Set<Long> leases = new HashSet<>();
  private long lastLeaseId;
  private @Nullable SheafException failure;
  private boolean closed;

  /** Guards the facts: readers hold it while they look, a change while it is applied. */
  private final ReentrantReadWriteLock seen = new ReentrantReadWriteLock();

  private final List<Watch> watches = new CopyOnWriteArrayList<>();

  private EmbeddedCoordination(
      Facts facts,
      @Nullable FactJournal journal,
      boolean readOnly,
      LongSupplier nanoClock,
      Executor watchExecutor) {
    this.facts = facts;
    this.journal = journal;
    this.readOnly = readOnly;
    this.nanoClock = nanoClock;
    this.watchExecutor = watchExecutor;
  }

  /**
   * Facts that last as long as the process.
   *
   * @param nanoClock monotonic, for the leases
   * @param watchExecutor runs the listeners of watches
   */
  public static EmbeddedCoordination inMemory(LongSupplier nanoClock, Executor watchExecutor) {
    return new EmbeddedCoordination(new Facts(), null, false, nanoClock, watchExecutor);
  }

  /** Facts in a folder, which is created if absent. XX001 if its files are damaged. */
  public static EmbeddedCoordination open(
      Path folder, LongSupplier nanoClock, Executor watchExecutor) {
    var facts = new Facts();
    var journal = FactJournal.open(folder, SNAPSHOT_AFTER_BYTES, facts);
    return new EmbeddedCoordination(facts, journal, false, nanoClock, watchExecutor);
  }

  /**
   * The facts of a folder as they are now; nothing in it is changed, by this or by anybody else as
   * long as this is used. Changes and leases are refused (25006).
   *
   * @throws SheafException 55000 there are none; XX001 its files are damaged
   */
  public static EmbeddedCoordination readOnly(
      Path folder, LongSupplier nanoClock, Executor watchExecutor) {
    var facts = new Facts();
    FactJournal.read(folder, facts);
    return new EmbeddedCoordination(facts, null, true, nanoClock, watchExecutor);
  }

  @Override
  public Optional<Entry> get(String key) {
    seen.readLock().lock();
    try {
      return facts.get(key);
    } finally {
      seen.readLock().unlock();
    }
  }

  @Override
  public List<Entry> list(String prefix) {
    seen.readLock().lock();
    try {
      return facts.list(prefix);
    } finally {
      seen.readLock().unlock();
    }
  }

  @Override
  public boolean commit(List<Condition> conditions, List<Change> changes) {
    changing.lock();
    try {
      checkUsable();
      checkWritable();
      check(changes);
      if (!facts.hold(conditions)) {
        return false;
      }
      if (!changes.isEmpty()) {
        change(changes);
      }
      return true;
    } finally {
      changing.unlock();
    }
  }

  private void check(List<Change> changes) {
    var keys = new HashSet<String>();
    for (Change change : changes) {
      if (!keys.add(change.key())) {
        throw new SheafException(
            ErrorCode.INVALID_PARAMETER_VALUE, "two changes of one key: " + change.key());
      }
      String value = change.value();
      if (value != null && value.getBytes(StandardCharsets.UTF_8).length > MAX_VALUE_BYTES) {
        throw new SheafException(
            ErrorCode.PROGRAM_LIMIT_EXCEEDED,
            "the value of " + change.key() + " is longer than " + MAX_VALUE_BYTES + " bytes");
      }
      Lease lease = change.lease();
      if (lease != null && !leases.contains(lease.id())) {
        throw new SheafException(
            ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "lease " + lease.id() + " is lost");
      }
    }
  }

  /** Durable first, then visible, then told to the watches. */
  private void change(List<Change> changes) {
    if (journal != null) {
      try {
        journal.append(facts.revision() + 1, changes);
      } catch (SheafException e) {
        failure = e;
        throw e;
      }
    }
    seen.writeLock().lock();
    try {
      List<WatchEvent> events = facts.apply(changes);
      watches.forEach(watch -> watch.offer(events));
    } finally {
      seen.writeLock().unlock();
    }
    if (journal != null && journal.wantsSnapshot()) {
      try {
        journal.snapshot(facts);
      } catch (SheafException e) {
        // The change itself is durable in the journal; only what follows has to stop.
        failure = e;
      }
    }
  }

  private void checkUsable() {
    if (closed) {
      throw new SheafException(ErrorCode.IO_ERROR, "coordination is closed");
    }
    if (failure != null) {
      throw new SheafException(
              ErrorCode.IO_ERROR, "coordination stopped after a failed write", failure)
          .withHint("Look after the disk, then start the server again.");
    }
  }

  private void checkWritable() {
    if (readOnly) {
      throw new SheafException(
          ErrorCode.READ_ONLY_SQL_TRANSACTION, "coordination is open for reading only");
    }
  }

  @Override
  public Lease grantLease(long ttlMillis) {
    changing.lock();
    try {
      checkUsable();
      checkWritable();
      long id = ++lastLeaseId;
      leases.add(id);
      return new HeldLease(id, ttlMillis);
    } finally {
      changing.unlock();
    }
  }

  private void revoke(long leaseId) {
    changing.lock();
    try {
      if (!leases.remove(leaseId) || closed || failure != null) {
        return;
      }
      var changes = new ArrayList<Change>();
      facts.keysOf(leaseId).forEach(key -> changes.add(Change.delete(key)));
      if (!changes.isEmpty()) {
        change(changes);
      }
    } finally {
      changing.unlock();
    }
  }

  @Override
  public AutoCloseable watch(String prefix, Consumer<WatchEvent> listener) {
    changing.lock();
    try {
      checkUsable();
      var watch =
          new Watch(
              prefix,
              listener,
              () -> new WatchEvent.Snapshot(list(prefix)),
              watchExecutor,
              watches::remove);
      watch.start();
      watches.add(watch);
      return watch;
    } finally {
      changing.unlock();
    }
  }

  @Override
  public void close() {
    changing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      leases.clear();
      watches.forEach(Watch::close);
      if (journal != null) {
        journal.close();
      }
    } finally {
      changing.unlock();
    }
  }

  /** Renewed whenever it is looked at: store and holder are one process. */
  private final class HeldLease implements Lease {
    private final long id;
    private final long ttlNanos;
    private volatile boolean revoked;
    private volatile long endedNanos;

    HeldLease(long id, long ttlMillis) {
      this.id = id;
      this.ttlNanos = ttlMillis * 1_000_000L;
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public long validUntilNanos() {
      return revoked ? endedNanos : nanoClock.getAsLong() + ttlNanos;
    }

    @Override
    public void close() {
      if (!revoked) {
        endedNanos = nanoClock.getAsLong();
        revoked = true;
      }
      revoke(id);
    }
  }
}
