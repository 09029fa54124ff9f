package dev.sheaf.coordination.etcd;

import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.options.LeaseOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** The leases of this process that are kept alive. Thread-safe. */
final class Leases implements AutoCloseable {
  private final Connection connection;
  private final Executor executor;
  private final Set<RenewedLease> held = ConcurrentHashMap.newKeySet();

  Leases(Connection connection, Executor executor) {
    this.connection = connection;
    this.executor = executor;
  }

  /** 58030 if no lease can be had; one granted unknown to us ends by itself. */
  RenewedLease grant(long ttlMillis, Patience patience) {
    while (true) {
      long sentNanos = connection.nanoTime();
      try {
        // etcd counts in seconds: entries may live on a little longer than the holder may act.
        long seconds = Math.ceilDiv(ttlMillis, 1000L);
        LeaseGrantResponse granted =
            connection.call(c -> c.getLeaseClient().grant(seconds), patience.nextTryNanos());
        var lease =
            new RenewedLease(
                granted.getID(),
                ttlMillis * 1_000_000L,
                granted.getTTL(),
                sentNanos,
                connection,
                held::remove);
        held.add(lease);
        executor.execute(lease::keepAlive);
        return lease;
      } catch (EtcdFailure e) {
        boolean again =
            switch (e.kind()) {
              case NOT_RUN, UNKNOWN -> !patience.isOver();
              case LEASE_NOT_FOUND, COMPACTED, REFUSED, INTERRUPTED -> false;
            };
        if (!again) {
          throw e.toException("grant a lease");
        }
        pause(patience);
      }
    }
  }

  private static void pause(Patience patience) {
    try {
      patience.pause();
    } catch (EtcdFailure e) {
      throw e.toException("grant a lease");
    }
  }

  /** Whether etcd still has the lease. */
  boolean exists(RenewedLease lease, Patience patience) throws EtcdFailure {
    return connection
            .call(
                c -> c.getLeaseClient().timeToLive(lease.id(), LeaseOption.DEFAULT),
                patience.nextTryNanos())
            .getTTL()
        > 0;
  }

  /** Revokes all of them, as far as etcd can be reached. */
  @Override
  public void close() {
    Patience patience = connection.patience();
    for (RenewedLease lease : held) {
      lease.close(patience);
    }
  }
}
