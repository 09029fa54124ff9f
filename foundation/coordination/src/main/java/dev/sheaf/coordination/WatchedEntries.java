package dev.sheaf.coordination;

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
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A copy of the entries under a prefix, fed by a watch. An entry that cannot be read is logged and
 * left out: the others stay usable. Thread-safe; reading takes no lock.
 */
public final class WatchedEntries<T> implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WatchedEntries.class.getName());

  private final Function<Entry, T> reader;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private boolean begun;
  private @Nullable AutoCloseable watch;

  /** By key, sorted; replaced as a whole. */
  private volatile NavigableMap<String, T> present = Collections.emptyNavigableMap();

  private WatchedEntries(Function<Entry, T> reader, LongSupplier nanoClock) {
    this.reader = reader;
    this.nanoClock = nanoClock;
  }

  /**
   * Begins to watch; returns when the copy is complete, 57P03 if it is not by the deadline.
   *
   * @param reader of one entry; fails with XX001
   */
  public static <T> WatchedEntries<T> begin(
      Coordination coordination,
      String prefix,
      Function<Entry, T> reader,
      LongSupplier nanoClock,
      Deadline deadline) {
    var entries = new WatchedEntries<T>(reader, nanoClock);
    entries.watch = coordination.watch(prefix, entries::accept);
    try {
      entries.await(() -> entries.begun, deadline);
    } catch (RuntimeException e) {
      entries.close();
      throw e;
    }
    return entries;
  }

  private void accept(WatchEvent event) {
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
        case WatchEvent.Delete delete -> next.remove(delete.key());
      }
      present = Collections.unmodifiableNavigableMap(next);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listeners.forEach(Runnable::run);
  }

  private void put(Entry entry, Map<String, T> entries) {
    try {
      entries.put(entry.key(), reader.apply(entry));
    } catch (SheafException e) {
      entries.remove(entry.key());
      LOG.log(System.Logger.Level.ERROR, e.message());
    }
  }

  /** What there is now, by key; the map never changes. */
  public NavigableMap<String, T> present() {
    return present;
  }

  /** Calls back after each change; the listener must not block. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * Waits until the condition, which is asked again at each change, holds; 57P03 at the deadline.
   */
  public void await(BooleanSupplier reached, Deadline deadline) {
    lock.lock();
    try {
      while (!reached.getAsBoolean()) {
        long nanos = deadline.remainingNanos(nanoClock.getAsLong());
        if (nanos == 0) {
          throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "the coordination store's news arrive too late");
        }
        long unused = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while waiting", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    AutoCloseable open = watch;
    if (open == null) {
      return;
    }
    try {
      open.close();
    } catch (Exception e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot stop watching", e);
    }
  }
}
