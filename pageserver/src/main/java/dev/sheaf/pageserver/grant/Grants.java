package dev.sheaf.pageserver.grant;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes and gives back grants for one node.
 *
 * <pre>
 * shards/&lt;database&gt;/&lt;number&gt;/grant    permanent    "&lt;term&gt; &lt;node&gt; &lt;lease id&gt;"
 * shards/&lt;database&gt;/&lt;number&gt;/holder   on the lease "&lt;node&gt; &lt;lease id&gt;"
 * </pre>
 *
 * A grant is taken by one transaction that requires the holder to be absent (so the previous
 * owner's lease is over) and the grant to be as it was read, and that raises the term. Thread-safe.
 */
public final class Grants implements AutoCloseable {
  private static final int ATTEMPTS = 3;

  private final Coordination coordination;
  private final String node;
  private final long leaseMillis;
  private final LongSupplier nanoClock;
  private @Nullable Lease lease;

  /**
   * @param node unique among the nodes; no blanks
   */
  public Grants(Coordination coordination, String node, long leaseMillis, LongSupplier nanoClock) {
    this.coordination = coordination;
    this.node = node;
    this.leaseMillis = leaseMillis;
    this.nanoClock = nanoClock;
  }

  static String grantKey(ShardId shard) {
    return "shards/" + shard + "/grant";
  }

  private static String holderKey(ShardId shard) {
    return "shards/" + shard + "/holder";
  }

  /** Takes the shard in the next term; 57P03 while another node holds it. */
  public Grant take(ShardId shard) {
    Lease mine = lease();
    String holderValue = node + " " + mine.id();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Entry> holder = coordination.get(holderKey(shard));
      if (holder.isPresent() && !holder.get().value().equals(holderValue)) {
        throw heldBy(shard, holder.get().value());
      }
      Optional<Entry> grant = coordination.get(grantKey(shard));
      Term next = grant.map(e -> termOf(shard, e)).orElse(Term.NONE).next();
      String grantValue = next + " " + holderValue;
      var conditions =
          List.of(
              new Condition(grantKey(shard), grant.map(Entry::modRevision).orElse(0L)),
              new Condition(holderKey(shard), holder.map(Entry::modRevision).orElse(0L)));
      var changes =
          List.of(
              Change.put(grantKey(shard), grantValue),
              new Change(holderKey(shard), holderValue, mine));
      commitOrUnknown(conditions, changes);
      // Read back: also the answer when the outcome was unknown.
      Optional<Entry> now = coordination.get(grantKey(shard));
      if (now.isPresent() && now.get().value().equals(grantValue)) {
        return new Grant(shard, next, now.get().modRevision(), mine, nanoClock);
      }
    }
    throw heldBy(shard, "another node");
  }

  private void commitOrUnknown(List<Condition> conditions, List<Change> changes) {
    try {
      coordination.commit(conditions, changes);
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        throw e;
      }
    }
  }

  private static Term termOf(ShardId shard, Entry grant) {
    try {
      return new Term(Long.parseLong(grant.value().substring(0, grant.value().indexOf(' '))));
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "the grant of shard " + shard + " cannot be read: " + grant.value(),
          e);
    }
  }

  private static SheafException heldBy(ShardId shard, String holder) {
    return new SheafException(
            ErrorCode.CANNOT_CONNECT_NOW, "shard " + shard + " is owned by " + holder)
        .withHint("Try again: ownership moves once the owner has let go or its lease has ended.");
  }

  /** Asks coordination itself, not a copy, whether the grant is the newest. */
  public boolean confirm(Grant grant) {
    return coordination
        .get(grantKey(grant.shard()))
        .filter(e -> e.modRevision() == grant.revision())
        .isPresent();
  }

  /** Lets another node take over at once. */
  public void release(Grant grant) {
    coordination.commit(
        List.of(grant.stillHeld()), List.of(Change.delete(holderKey(grant.shard()))));
  }

  private synchronized Lease lease() {
    Lease current = lease;
    if (current == null || current.validUntilNanos() - nanoClock.getAsLong() <= 0) {
      if (current != null) {
        current.close();
      }
      current = coordination.grantLease(leaseMillis);
      lease = current;
    }
    return current;
  }

  /** Gives back the lease, and with it every shard still held. */
  @Override
  public synchronized void close() {
    if (lease != null) {
      lease.close();
      lease = null;
    }
  }
}
