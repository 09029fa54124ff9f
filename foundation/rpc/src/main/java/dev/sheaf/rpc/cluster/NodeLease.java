package dev.sheaf.rpc.cluster;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one lease on which everything hangs that a process holds: its registration, its shards, its
 * leadership. So all of it vanishes at one moment, and others need to wait only once. A lease that
 * was lost is followed by a fresh one. Thread-safe.
 */
public final class NodeLease implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NodeLease.class.getName());

  private final Coordination coordination;
  private final long ttlMillis;
  private final LongSupplier nanoClock;
  private volatile @Nullable Lease present;
  private boolean closed;

  /**
   * @param nanoClock the clock of {@link Lease#validUntilNanos}
   */
  public NodeLease(Coordination coordination, long ttlMillis, LongSupplier nanoClock) {
    this.coordination = coordination;
    this.ttlMillis = ttlMillis;
    this.nanoClock = nanoClock;
  }

  public long ttlMillis() {
    return ttlMillis;
  }

  /** The clock by which the lease is judged. */
  public LongSupplier nanoClock() {
    return nanoClock;
  }

  /**
   * The present lease, or a fresh one in place of one that may be over; 58030 if none is to be had,
   * 57P01 once closed.
   */
  public Lease current() {
    Lease lease = present;
    return lease != null && holds(lease) ? lease : renewed();
  }

  private synchronized Lease renewed() {
    Lease lease = present;
    if (lease != null && holds(lease)) {
      return lease;
    }
    if (closed) {
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "this process is shutting down");
    }
    if (lease != null) {
      present = null;
      revoke(lease);
    }
    lease = coordination.grantLease(ttlMillis);
    present = lease;
    return lease;
  }

  /** Whether a lease surely holds now; never waits. */
  public boolean isValid() {
    Lease lease = present;
    return lease != null && holds(lease);
  }

  private boolean holds(Lease lease) {
    return lease.validUntilNanos() - nanoClock.getAsLong() > 0;
  }

  /** What hangs on it need not wait for its end; it ends by itself if this fails. */
  private static void revoke(Lease lease) {
    try {
      lease.close();
    } catch (SheafException e) {
      LOG.log(System.Logger.Level.DEBUG, "lease {0} was not revoked: {1}", lease.id(), e.message());
    }
  }

  /** Gives the lease back, and with it everything that hangs on it. */
  @Override
  public synchronized void close() {
    closed = true;
    Lease lease = present;
    present = null;
    if (lease != null) {
      revoke(lease);
    }
  }
}
