package dev.sheaf.testkit.coordination;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One process's way to a store that it shares with others: a way that can be cut. Leases are
 * renewed whenever they are looked at, unless the way is cut; the store ends them only when told
 * to. Thread-safe.
 */
public final class SeveredCoordination implements Coordination {
  private final Coordination shared;
  private final LongSupplier nanoClock;
  private final List<HeldLease> leases = new CopyOnWriteArrayList<>();
  private final List<Watching> watches = new CopyOnWriteArrayList<>();
  private volatile boolean cut;

  /**
   * @param nanoClock the process's own clock, by which it judges its leases
   */
  public SeveredCoordination(Coordination shared, LongSupplier nanoClock) {
    this.shared = shared;
    this.nanoClock = nanoClock;
  }

  /** From now on calls fail with 58030, watches are silent, leases are not renewed. */
  public void cut() {
    leases.forEach(HeldLease::renew);
    cut = true;
  }

  /** The store has waited long enough: the process's leases end, and their entries vanish. */
  public void expireLeases() {
    leases.forEach(HeldLease::expire);
  }

  /** The way is open again; watches begin with a snapshot. */
  public void heal() {
    cut = false;
    watches.forEach(Watching::resume);
  }

  private void check() {
    if (cut) {
      throw new SheafException(ErrorCode.IO_ERROR, "the coordination store cannot be reached");
    }
  }

  @Override
  public Optional<Entry> get(String key) {
    check();
    return shared.get(key);
  }

  @Override
  public List<Entry> list(String prefix) {
    check();
    return shared.list(prefix);
  }

  @Override
  public boolean commit(List<Condition> conditions, List<Change> changes) {
    check();
    var inner = new ArrayList<Change>();
    for (Change change : changes) {
      inner.add(
          change.lease() instanceof HeldLease held
              ? new Change(change.key(), change.value(), held.inner)
              : change);
    }
    return shared.commit(conditions, inner);
  }

  @Override
  public Lease grantLease(long ttlMillis) {
    check();
    var lease = new HeldLease(shared.grantLease(ttlMillis), ttlMillis * 1_000_000L);
    leases.add(lease);
    return lease;
  }

  @Override
  public AutoCloseable watch(String prefix, Consumer<WatchEvent> listener) {
    check();
    var watching = new Watching(prefix, listener);
    watches.add(watching);
    watching.resume();
    return watching;
  }

  @Override
  public void close() {
    watches.forEach(Watching::close);
  }

  private final class HeldLease implements Lease {
    private final Lease inner;
    private final long ttlNanos;
    private long renewedNanos;
    private boolean ended;

    HeldLease(Lease inner, long ttlNanos) {
      this.inner = inner;
      this.ttlNanos = ttlNanos;
      this.renewedNanos = nanoClock.getAsLong();
    }

    synchronized void renew() {
      if (!cut && !ended) {
        renewedNanos = nanoClock.getAsLong();
      }
    }

    synchronized void expire() {
      ended = true;
      inner.close();
    }

    @Override
    public long id() {
      return inner.id();
    }

    @Override
    public synchronized long validUntilNanos() {
      renew();
      return renewedNanos + ttlNanos;
    }

    @Override
    public synchronized void close() {
      check();
      if (!ended) {
        renewedNanos = nanoClock.getAsLong() - ttlNanos;
        expire();
      }
    }
  }

  /** Forwards events; what happened while the way was cut shows in the next snapshot. */
  private final class Watching implements AutoCloseable {
    private final String prefix;
    private final Consumer<WatchEvent> listener;
    private AutoCloseable inner = () -> {};
    private boolean closed;

    Watching(String prefix, Consumer<WatchEvent> listener) {
      this.prefix = prefix;
      this.listener = listener;
    }

    /** Not once it is closed: the way may be opened again at the same moment. */
    synchronized void resume() {
      if (closed) {
        return;
      }
      stop();
      inner =
          shared.watch(
              prefix,
              event -> {
                if (!cut) {
                  listener.accept(event);
                }
              });
    }

    @Override
    public synchronized void close() {
      closed = true;
      watches.remove(this);
      stop();
    }

    private void stop() {
      try {
        inner.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot stop watching", e);
      }
    }
  }
}
