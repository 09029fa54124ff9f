package dev.sheaf.coordination;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Small linearizable facts: the port to etcd, with an embedded adapter for one process. Keys and
 * values are text (UTF-8, a value at most 64 KiB). All adapters pass {@code CoordinationContract}
 * (testkit). Thread-safe.
 *
 * <p>Errors are {@link dev.sheaf.protocol.error.SheafException}: 58030 when the store cannot be
 * reached or written, 40003 when the outcome of a {@link #commit} is unknown: read back (values
 * carry the writer's token) and decide.
 */
public interface Coordination extends AutoCloseable {

  Optional<Entry> get(String key);

  /** All entries whose key begins with the prefix, ascending by key. */
  List<Entry> list(String prefix);

  /**
   * @param modRevision revision of the store at which the entry was last written; grows with every
   *     commit
   */
  record Entry(String key, String value, long modRevision) {}

  /**
   * Atomically: if all conditions hold, applies all writes and returns true (durable); else changes
   * nothing and returns false. A key may be changed once (22023); 55000 if a lease is lost, 54000
   * if it is more than the store takes.
   */
  boolean commit(List<Condition> conditions, List<Change> changes);

  /** Key must have this modRevision; 0 = must be absent. */
  record Condition(String key, long modRevision) {}

  /**
   * @param value null = delete
   * @param lease entry vanishes with this lease; null = permanent
   */
  record Change(String key, @Nullable String value, @Nullable Lease lease) {
    public static Change put(String key, String value) {
      return new Change(key, value, null);
    }

    public static Change delete(String key) {
      return new Change(key, null, null);
    }
  }

  /** Grants a lease of the given length, kept alive by the adapter until closed or lost. */
  Lease grantLease(long ttlMillis);

  interface Lease extends AutoCloseable {
    long id();

    /**
     * Monotonic nanoseconds ({@code System.nanoTime()}) until which the lease surely holds: judged
     * from before the last successful renewal was sent. After it the holder must stop acting.
     */
    long validUntilNanos();

    /**
     * Revokes: its entries vanish at once, or at the end of its length if the store cannot be
     * reached. Idempotent.
     */
    @Override
    void close();
  }

  /**
   * Calls the listener with each change of keys with the prefix, in revision order, after first
   * calling it with {@link WatchEvent.Snapshot} of the present state; after a gap, and whenever the
   * adapter sees fit, it gets a new Snapshot, which may equal what it knows. One call at a time.
   * The listener must not block.
   */
  AutoCloseable watch(String prefix, Consumer<WatchEvent> listener);

  sealed interface WatchEvent {
    /** The complete state under the prefix. */
    record Snapshot(List<Entry> entries) implements WatchEvent {}

    record Put(Entry entry) implements WatchEvent {}

    record Delete(String key) implements WatchEvent {}
  }

  @Override
  void close();
}
