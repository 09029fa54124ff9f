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
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.cluster.ShardKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Takes and gives back grants for one node.
 *
 * <pre>
 * shards/&lt;database&gt;/&lt;number&gt;/grant    permanent    "&lt;term&gt; &lt;node&gt; &lt;lease id&gt;"
 * shards/&lt;database&gt;/&lt;number&gt;/holder   on the lease "&lt;node&gt; &lt;lease id&gt;", then "&lt;node&gt; &lt;lease id&gt; serving"
 * </pre>
 *
 * A grant is taken by one transaction that requires the holder to be absent (so the previous
 * owner's lease is over) and the grant to be as it was read, and that raises the term. Thread-safe.
 */
public final class Grants implements AutoCloseable {
  private static final int ATTEMPTS = 3;

  private final Coordination coordination;
  private final String node;
  private final NodeLease lease;
  private final boolean leaseIsMine;

  /**
   * On a lease of its own, which ends when this is closed.
   *
   * @param node unique among the nodes; no blanks
   */
  public Grants(Coordination coordination, String node, long leaseMillis, LongSupplier nanoClock) {
    this(coordination, node, new NodeLease(coordination, leaseMillis, nanoClock), true);
  }

  /**
   * On the lease of this process, which others use, too.
   *
   * @param node unique among the nodes; no blanks
   */
  public Grants(Coordination coordination, String node, NodeLease lease) {
    this(coordination, node, lease, false);
  }

  private Grants(Coordination coordination, String node, NodeLease lease, boolean leaseIsMine) {
    this.coordination = coordination;
    this.node = node;
    this.lease = lease;
    this.leaseIsMine = leaseIsMine;
  }

  static String grantKey(ShardId shard) {
    return ShardKeys.grant(shard);
  }

  /** Takes the shard in the next term; 57P03 while another node holds it. */
  public Grant take(ShardId shard) {
    return take(shard, List.of());
  }

  /**
   * Takes the shard in the next term if all conditions hold at that moment; 57P03 if they do not,
   * or while another node holds it.
   */
  public Grant take(ShardId shard, List<Condition> required) {
    Lease mine = lease.current();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Entry> holder = coordination.get(ShardKeys.holder(shard));
      if (holder.isPresent() && !isMine(holder.get(), mine)) {
        throw heldBy(shard, holder.get().value());
      }
      Optional<Entry> grant = coordination.get(grantKey(shard));
      Term next = grant.map(e -> termOf(shard, e)).orElse(Term.NONE).next();
      String grantValue = next + " " + node + " " + mine.id();
      var conditions = new ArrayList<>(required);
      conditions.add(new Condition(grantKey(shard), grant.map(Entry::modRevision).orElse(0L)));
      conditions.add(
          new Condition(ShardKeys.holder(shard), holder.map(Entry::modRevision).orElse(0L)));
      var changes =
          List.of(
              Change.put(grantKey(shard), grantValue),
              new Change(
                  ShardKeys.holder(shard), ShardKeys.holderValue(node, mine.id(), false), mine));
      commitOrUnknown(conditions, changes);
      // Read back: also the answer when the outcome was unknown.
      Optional<Entry> now = coordination.get(grantKey(shard));
      if (now.isPresent() && now.get().value().equals(grantValue)) {
        return new Grant(shard, next, now.get().modRevision(), mine, lease.nanoClock());
      }
    }
    throw heldBy(shard, "another node, or is about to be");
  }

  private boolean isMine(Entry holder, Lease mine) {
    return holder.value().equals(ShardKeys.holderValue(node, mine.id(), false))
        || holder.value().equals(ShardKeys.holderValue(node, mine.id(), true));
  }

  /** Lets everybody know that the shard's requests are answered. 57P03 if it was lost meanwhile. */
  public void announce(Grant grant) {
    String value = ShardKeys.holderValue(node, grant.lease().id(), true);
    var change = new Change(ShardKeys.holder(grant.shard()), value, grant.lease());
    commitOrUnknown(List.of(grant.stillHeld()), List.of(change));
    if (coordination
        .get(ShardKeys.holder(grant.shard()))
        .filter(e -> e.value().equals(value))
        .isEmpty()) {
      throw heldBy(grant.shard(), "another node by now");
    }
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
        List.of(grant.stillHeld()), List.of(Change.delete(ShardKeys.holder(grant.shard()))));
  }

  /**
   * Gives back what this node still has on its lease without knowing: a release that failed, or a
   * grant whose taking was interrupted. The shard must be neither open nor being opened here.
   */
  public void releaseLeftover(ShardId shard) {
    Lease mine = lease.current();
    Optional<Entry> holder = coordination.get(ShardKeys.holder(shard));
    if (holder.isPresent() && isMine(holder.get(), mine)) {
      boolean unused =
          coordination.commit(
              List.of(new Condition(holder.get().key(), holder.get().modRevision())),
              List.of(Change.delete(holder.get().key())));
    }
  }

  /** Gives back the lease if it is its own, and with it every shard still held. */
  @Override
  public void close() {
    if (leaseIsMine) {
      lease.close();
    }
  }
}
