package dev.sheaf.pageserver.log;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.NodeStanding;
import dev.sheaf.log.RecordFrame;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ShardLog} in memory, for tests of what stands on it. Passes {@link ShardLogContract}.
 *
 * <p>What outlives an owner is the {@link Store}: open a second log on the same store under a
 * greater term to take over. Appends complete before {@link #append} returns, unless the store was
 * told to {@linkplain Store#holdCommits hold commits}. Thread-safe.
 */
public final class MemoryShardLog implements ShardLog {

  /** The replicated log itself: shared by the owners of successive terms. Thread-safe. */
  public static final class Store {
    private final List<Entry> entries = new ArrayList<>();
    private final long limitBytes;
    private Lsn start = Lsn.ZERO;
    private Lsn end = Lsn.ZERO;
    private Term promised = Term.NONE;
    private @Nullable MemoryShardLog leader;
    private boolean held;
    private @Nullable SheafException refusal;

    public Store() {
      this(64L << 20);
    }

    /**
     * @param limitBytes payload bytes that may wait for their commit
     */
    public Store(long limitBytes) {
      this.limitBytes = limitBytes;
    }

    /** From now on appends wait, as if no quorum answered. */
    public synchronized void holdCommits() {
      held = true;
    }

    /**
     * From now on appends fail with the error and leave nothing, as if the safekeepers had no room.
     */
    public synchronized void refuseAppends(@Nullable SheafException why) {
      refusal = why;
    }

    /** Commits what waits and goes back to committing at once. */
    public void releaseCommits() {
      List<Runnable> completions;
      synchronized (this) {
        held = false;
        completions = leader == null ? List.of() : leader.commitPending();
      }
      completions.forEach(Runnable::run);
    }

    /** Number of records held. */
    public synchronized int recordCount() {
      return entries.size();
    }
  }

  private record Entry(Lsn start, Lsn end, byte[] payload) {}

  private record Pending(Lsn end, int bytes, CompletableFuture<Lsn> future) {}

  private final Store store;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private long pendingBytes;
  private Lsn commit = Lsn.ZERO;

  public MemoryShardLog(Store store) {
    this.store = store;
  }

  @Override
  public void open(Term term, Deadline deadline) {
    List<Runnable> failures = List.of();
    synchronized (store) {
      if (term.compareTo(store.promised) <= 0) {
        throw new SheafException(
            ErrorCode.SERIALIZATION_FAILURE,
            "term " + term + " is over: term " + store.promised + " was granted");
      }
      if (store.leader != null) {
        failures = store.leader.failPending();
      }
      store.promised = term;
      store.leader = this;
      commit = store.end;
    }
    failures.forEach(Runnable::run);
  }

  @Override
  public void replay(Lsn from, RecordConsumer consumer, Deadline deadline) {
    List<Entry> copy;
    synchronized (store) {
      if (from.isBefore(store.start)) {
        throw new SheafException(
            ErrorCode.DATA_CORRUPTED, "the log begins at " + store.start + ", not at " + from);
      }
      copy = List.copyOf(store.entries);
    }
    for (Entry entry : copy) {
      if (!entry.start.isBefore(from)) {
        consumer.accept(entry.start, entry.end, entry.payload.clone());
      }
    }
  }

  @Override
  public Proposed propose(byte[] payload) {
    CompletableFuture<Lsn> future = new CompletableFuture<>();
    List<Runnable> completions;
    synchronized (store) {
      if (store.leader != this) {
        return failed(unknown());
      }
      if (store.refusal != null) {
        return failed(store.refusal);
      }
      if (pendingBytes + payload.length > store.limitBytes) {
        return failed(
            new SheafException(
                ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, "too many bytes wait for the log"));
      }
      Lsn end = store.end.plus(RecordFrame.sizeBytes(payload.length));
      store.entries.add(new Entry(store.end, end, payload.clone()));
      store.end = end;
      pending.add(new Pending(end, payload.length, future));
      pendingBytes += payload.length;
      completions = store.held ? List.of() : commitPending();
    }
    return new Proposed(future, () -> completions.forEach(Runnable::run));
  }

  private static Proposed failed(SheafException why) {
    return new Proposed(CompletableFuture.failedFuture(why), () -> {});
  }

  /** Futures are completed by the caller once it has left the monitor. */
  private List<Runnable> commitPending() {
    List<Runnable> completions = new ArrayList<>();
    for (Pending each : pending) {
      commit = each.end;
      completions.add(() -> each.future.complete(each.end));
    }
    pending.clear();
    pendingBytes = 0;
    return completions;
  }

  private List<Runnable> failPending() {
    List<Runnable> failures = new ArrayList<>();
    pending.forEach(each -> failures.add(() -> each.future.completeExceptionally(unknown())));
    pending.clear();
    pendingBytes = 0;
    return failures;
  }

  private static SheafException unknown() {
    return new SheafException(
        ErrorCode.STATEMENT_COMPLETION_UNKNOWN, "this owner no longer leads the log");
  }

  @Override
  public Lsn startLsn() {
    synchronized (store) {
      return store.start;
    }
  }

  @Override
  public Lsn endLsn() {
    synchronized (store) {
      return store.end;
    }
  }

  @Override
  public Lsn commitLsn() {
    synchronized (store) {
      return commit;
    }
  }

  @Override
  public void forgetBelow(Lsn published) {
    synchronized (store) {
      if (store.leader == this && store.start.isBefore(published)) {
        store.entries.removeIf(entry -> entry.start.isBefore(published));
        store.start = published;
      }
    }
  }

  @Override
  public void changeMembers(List<NodeId> members, Deadline deadline) {
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "a log in memory has no members");
  }

  @Override
  public boolean retire(NodeId node) {
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "a log in memory has no members");
  }

  @Override
  public Configuration configuration() {
    return Configuration.NONE;
  }

  @Override
  public List<NodeStanding> standings() {
    return List.of();
  }

  @Override
  public boolean isLeader() {
    synchronized (store) {
      return store.leader == this;
    }
  }

  @Override
  public void close() {
    List<Runnable> failures;
    synchronized (store) {
      failures = failPending();
      if (store.leader == this) {
        store.leader = null;
      }
    }
    failures.forEach(Runnable::run);
  }
}
