package dev.sheaf.coordination.etcd;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.etcd.jetcd.ByteSequence;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys by which a commit is recognised afterwards. Each commit uses one alone: its transaction
 * requires the key to be as this process left it and writes the commit's number there. So whoever
 * reads the number knows that the commit took place, and whoever overwrites the key instead knows
 * that it never will.
 *
 * <p>The keys are on a lease of their own and vanish with the process. A key whose commit had to be
 * decided is not used again, since late tries to decide it may still arrive. Thread-safe.
 */
final class Receipts {
  /** Far longer than two operation timeouts: no commit outlives the keys of its session. */
  private static final long SESSION_MILLIS = 60_000;

  private static final int MAX_SLOTS = 4096;

  private final Leases leases;
  private final Keys keys;

  /** Held while a session is begun. */
  private final ReentrantLock beginning = new ReentrantLock();

  private @Nullable Session session;

  Receipts(Leases leases, Keys keys) {
    this.leases = leases;
    this.keys = keys;
  }

  /** A key that nobody else uses until it is given back; 58030 if etcd cannot be reached. */
  Slot take(Patience patience) {
    Slot slot = next();
    if (slot != null) {
      return slot;
    }
    if (!patience.lock(beginning)) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot commit to etcd: no lease in time")
          .withHint("Nothing was changed. See whether a majority of etcd runs.");
    }
    try {
      slot = next();
      while (slot == null) {
        begin(new Session(leases.grant(SESSION_MILLIS, patience)));
        slot = next();
      }
      return slot;
    } finally {
      beginning.unlock();
    }
  }

  private synchronized void begin(Session next) {
    session = next;
  }

  /** Null if a new session is needed. */
  private synchronized @Nullable Slot next() {
    Session current = session;
    if (current == null || current.lease.isEnded()) {
      return null;
    }
    Slot free = current.free.poll();
    if (free != null) {
      return free;
    }
    var slot = new Slot(current, keys.receipt(current.lease.id(), current.slots++));
    if (current.slots >= MAX_SLOTS) {
      // Many were given up. What is under way ends long before the lease does.
      current.lease.abandon();
    }
    return slot;
  }

  synchronized void giveBack(Slot slot) {
    slot.session.free.add(slot);
  }

  /** Its keys are gone or are not as they were left: go on with new ones. */
  synchronized void giveUp(Slot slot) {
    slot.session.lease.abandon();
  }

  private static final class Session {
    final RenewedLease lease;
    final ArrayDeque<Slot> free = new ArrayDeque<>();
    int slots;

    Session(RenewedLease lease) {
      this.lease = lease;
    }
  }

  /** Used by one commit at a time. */
  static final class Slot {
    private final Session session;
    private final ByteSequence key;
    private long modRevision;
    private long commits;

    private Slot(Session session, ByteSequence key) {
      this.session = session;
      this.key = key;
    }

    ByteSequence key() {
      return key;
    }

    RenewedLease lease() {
      return session.lease;
    }

    /** Where this process left the key; 0 = not written yet. */
    long modRevision() {
      return modRevision;
    }

    /** What no commit through this key has written. */
    ByteSequence nextNumber() {
      return Keys.bytes(Long.toString(++commits));
    }

    void writtenAt(long revision) {
      modRevision = revision;
    }
  }
}
