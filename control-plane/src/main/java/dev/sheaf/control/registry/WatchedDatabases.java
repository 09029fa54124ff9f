package dev.sheaf.control.registry;

import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A copy of the registered databases, fed by a watch. An entry that cannot be read is logged and
 * left out: the other databases stay usable. Thread-safe; reading takes no lock.
 */
final class WatchedDatabases {
  private static final System.Logger LOG = System.getLogger(WatchedDatabases.class.getName());

  private final String prefix;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private boolean begun;

  /** By name, sorted; replaced as a whole. */
  private volatile NavigableMap<String, DatabaseRecord> present = Collections.emptyNavigableMap();

  WatchedDatabases(String prefix, LongSupplier nanoClock) {
    this.prefix = prefix;
    this.nanoClock = nanoClock;
  }

  void accept(WatchEvent event) {
    lock.lock();
    try {
      var next = new TreeMap<>(present);
      switch (event) {
        case WatchEvent.Snapshot snapshot -> {
          next.clear();
          snapshot.entries().forEach(entry -> put(entry, next));
          begun = true;
        }
        case WatchEvent.Put put -> put(put.entry(), next);
        case WatchEvent.Delete delete -> next.remove(nameIn(delete.key()));
      }
      present = Collections.unmodifiableNavigableMap(next);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listeners.forEach(Runnable::run);
  }

  void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private void put(Entry entry, Map<String, DatabaseRecord> databases) {
    try {
      databases.put(nameIn(entry.key()), RegistryCodec.database(entry.key(), entry.value()));
    } catch (SheafException e) {
      databases.remove(nameIn(entry.key()));
      LOG.log(System.Logger.Level.ERROR, e.message());
    }
  }

  private String nameIn(String key) {
    return key.substring(prefix.length());
  }

  NavigableMap<String, DatabaseRecord> present() {
    return present;
  }

  /** Waits for the first snapshot. */
  void awaitBegun(Deadline deadline) {
    await(() -> begun, deadline);
  }

  /**
   * Waits until the condition holds, which is asked again whenever the copy changes; 57P03 at the
   * deadline.
   */
  void await(BooleanSupplier reached, Deadline deadline) {
    lock.lock();
    try {
      while (!reached.getAsBoolean()) {
        long nanos = deadline.remainingNanos(nanoClock.getAsLong());
        if (nanos == 0) {
          throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "the coordination store's news arrive too late");
        }
        changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while waiting", e);
    } finally {
      lock.unlock();
    }
  }
}
