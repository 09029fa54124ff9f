package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.protocol.error.SheafException;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A lease and the loop that renews it every third of its length, on monotonic time. A renewal
 * counts from before it was sent. One that fails is tried again soon, at the next member. Once etcd
 * has said that the lease is gone it is over at once and for good, whatever follows.
 *
 * <p>While etcd cannot be reached the lease runs out for its holder; if etcd turns out to have kept
 * it (nobody else can have had its keys then), it holds again. Thread-safe.
 */
final class RenewedLease implements Lease {
  private static final System.Logger LOG = System.getLogger(RenewedLease.class.getName());

  private final long id;
  private final long ttlNanos;
  private final Connection connection;
  private final Consumer<RenewedLease> onEnd;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private long nextRenewalNanos;
  private volatile boolean ended;
  private volatile long validUntilNanos;

  /**
   * @param grantedSeconds what etcd made of the length asked for
   * @param sentNanos before the grant was sent
   * @param onEnd called once, when the lease is not renewed any more
   */
  RenewedLease(
      long id,
      long ttlNanos,
      long grantedSeconds,
      long sentNanos,
      Connection connection,
      Consumer<RenewedLease> onEnd) {
    this.id = id;
    this.ttlNanos = ttlNanos;
    this.connection = connection;
    this.onEnd = onEnd;
    renewed(sentNanos, grantedSeconds);
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public long validUntilNanos() {
    return validUntilNanos;
  }

  /** Whether it is over for good: revoked, lost or abandoned. */
  boolean isEnded() {
    return ended;
  }

  /** Renews until the lease is over. */
  void keepAlive() {
    while (awaitTurn()) {
      renew();
    }
  }

  private boolean awaitTurn() {
    lock.lock();
    try {
      while (!ended) {
        long waitNanos = nextRenewalNanos - connection.nanoTime();
        if (waitNanos <= 0) {
          return true;
        }
        wake.awaitNanos(waitNanos);
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void renew() {
    long sentNanos = connection.nanoTime();
    try {
      LeaseKeepAliveResponse answer =
          connection.call(c -> c.getLeaseClient().keepAliveOnce(id), ttlNanos / 4);
      renewed(sentNanos, answer.getTTL());
    } catch (EtcdFailure e) {
      switch (e.kind()) {
        case LEASE_NOT_FOUND -> {
          if (end()) {
            LOG.log(
                System.Logger.Level.WARNING,
                "etcd has let lease {0} run out",
                Long.toHexString(id));
          }
        }
        case NOT_RUN, REFUSED, COMPACTED, INTERRUPTED, UNKNOWN -> trySoon();
      }
    } catch (SheafException closed) {
      end();
    }
  }

  private void renewed(long sentNanos, long grantedSeconds) {
    lock.lock();
    try {
      if (!ended) {
        validUntilNanos = sentNanos + Math.min(ttlNanos, TimeUnit.SECONDS.toNanos(grantedSeconds));
        nextRenewalNanos = sentNanos + ttlNanos / 3;
      }
    } finally {
      lock.unlock();
    }
  }

  private void trySoon() {
    lock.lock();
    try {
      nextRenewalNanos = connection.nanoTime() + ttlNanos / 30;
    } finally {
      lock.unlock();
    }
  }

  /** Asks etcd now, not at the next turn: somebody has heard that the lease is lost. */
  void renewNow() {
    lock.lock();
    try {
      nextRenewalNanos = connection.nanoTime();
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets it run out without being told to etcd. */
  void abandon() {
    end();
  }

  /** Stops renewals and validity; false if that was done before. */
  private boolean end() {
    lock.lock();
    try {
      if (ended) {
        return false;
      }
      ended = true;
      long now = connection.nanoTime();
      if (validUntilNanos - now > 0) {
        validUntilNanos = now;
      }
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    onEnd.accept(this);
    return true;
  }

  /** If etcd cannot be reached within the operation timeout, its entries live on for its length. */
  @Override
  public void close() {
    close(connection.patience());
  }

  void close(Patience patience) {
    if (end()) {
      revoke(patience);
    }
  }

  private void revoke(Patience patience) {
    while (true) {
      try {
        connection.call(c -> c.getLeaseClient().revoke(id), patience.nextTryNanos());
        return;
      } catch (EtcdFailure e) {
        switch (e.kind()) {
          case LEASE_NOT_FOUND -> {
            return;
          }
          case NOT_RUN, UNKNOWN -> {
            if (patience.isOver() || interrupted(patience)) {
              unrevoked(e);
              return;
            }
          }
          case REFUSED, COMPACTED, INTERRUPTED -> {
            unrevoked(e);
            return;
          }
        }
      } catch (SheafException closed) {
        unrevoked(closed);
        return;
      }
    }
  }

  private static boolean interrupted(Patience patience) {
    try {
      patience.pause();
      return false;
    } catch (EtcdFailure e) {
      return true;
    }
  }

  private void unrevoked(Exception cause) {
    LOG.log(
        System.Logger.Level.INFO,
        "lease {0} could not be revoked and has to run out: {1}",
        Long.toHexString(id),
        cause.getMessage());
  }
}
