package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * {@link Coordination} on an etcd cluster (3.4 or later). Reads and commits are linearizable and
 * end within the timeouts of {@link EtcdSettings}; nothing but what is certain not to have happened
 * is tried again.
 *
 * <p>Beyond the port's errors: 54000 for a value over 64 KiB and a commit of more conditions or
 * changes than etcd takes, 55000 for a change on a lost lease, 53100 when etcd's quota is used up.
 *
 * <p>A lease is renewed at every third of its length; etcd counts whole seconds and has a minimum
 * of one and a half election timeouts, so entries can outlive their holder's right to act by that.
 * Validity is on {@code System.nanoTime}, which stands still while a machine is suspended: what
 * must never have two owners also needs the terms.
 *
 * <p>Thread-safe.
 */
public final class EtcdCoordination implements Coordination {
  /** Longest value, in bytes of UTF-8. */
  public static final int MAX_VALUE_BYTES = 64 * 1024;

  private final int maxOperations;
  private final Connection connection;
  private final ExecutorService executor;
  private final Reads reads;
  private final Leases leases;
  private final Commits commits;
  private final Set<FactWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private EtcdCoordination(int maxOperations, Connection connection, ExecutorService executor) {
    this.maxOperations = maxOperations;
    this.connection = connection;
    this.executor = executor;
    this.reads = new Reads(connection);
    this.leases = new Leases(connection, executor);
    this.commits = new Commits(connection, leases, new Receipts(leases, connection.keys()), reads);
  }

  /**
   * Does not wait for etcd: calls do, each for its own time. To be called on a plain thread, not on
   * an event loop.
   *
   * @param nanoClock monotonic, what leases are judged by; {@code System::nanoTime}
   * @param random spreads the tries of different processes; thread-safe
   * @param executor gives every task a thread of its own, since leases and watches keep theirs;
   *     virtual ones do. Stays open when this is closed
   */
  public static EtcdCoordination connect(
      EtcdSettings settings,
      LongSupplier nanoClock,
      RandomGenerator random,
      ExecutorService executor) {
    return new EtcdCoordination(
        // One of them is the receipt.
        settings.maxTransactionOperations() - 1,
        new Connection(settings, nanoClock, random, executor),
        executor);
  }

  @Override
  public Optional<Entry> get(String key) {
    return reads.get(key);
  }

  @Override
  public List<Entry> list(String prefix) {
    return reads.list(prefix).entries();
  }

  @Override
  public boolean commit(List<Condition> conditions, List<Change> changes) {
    check(conditions, changes);
    return changes.isEmpty() ? reads.hold(conditions) : commits.commit(conditions, changes);
  }

  private void check(List<Condition> conditions, List<Change> changes) {
    if (conditions.size() > maxOperations || changes.size() > maxOperations) {
      throw new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "a commit of %d conditions and %d changes; etcd takes %d of each"
                  .formatted(conditions.size(), changes.size(), maxOperations))
          .withHint("Split it, or start etcd and Sheaf with a greater --max-txn-ops.");
    }
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
    }
  }

  @Override
  public Lease grantLease(long ttlMillis) {
    return leases.grant(ttlMillis, connection.patience());
  }

  /**
   * Returns at once; the first snapshot comes as soon as etcd can be read. While it cannot, the
   * listener hears nothing.
   */
  @Override
  public AutoCloseable watch(String prefix, Consumer<WatchEvent> listener) {
    var watch = new FactWatch(connection, reads, prefix, listener, watches::remove);
    watches.add(watch);
    if (closed) {
      watch.close();
      throw new SheafException(ErrorCode.IO_ERROR, "coordination is closed");
    }
    executor.execute(watch::follow);
    return watch;
  }

  /** Revokes this process's leases, as far as etcd can be reached within one operation timeout. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    watches.forEach(FactWatch::close);
    leases.close();
    connection.close();
  }
}
