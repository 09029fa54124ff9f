package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.flush.FlushJob;
import dev.sheaf.pageserver.flush.MemtableBudget;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.serve.ShardPublisher.Change;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Moves a shard's memtables to the object store, oldest first: segments, delete vectors, manifest;
 * then the log may forget and memory is free. A flush that fails is tried again; nothing depends on
 * its time but room. Thread-safe.
 */
final class ShardFlusher {
  private static final System.Logger LOG = System.getLogger(ShardFlusher.class.getName());
  private static final int MAX_MEMTABLES = 3;
  private static final FlushJob.Result NOTHING = new FlushJob.Result(Map.of(), Map.of());
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  private final ShardState state;
  private final ShardPublisher publisher;
  private final FlushJob job;
  private final MemtableBudget.Account budget;
  private final long memtableBytes;
  private final IdleWatch idle;
  private final Executor background;
  private final Runnable afterFlush;

  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * @param afterFlush called after each flush, without locks; must not block
   */
  ShardFlusher(
      ShardState state,
      ShardPublisher publisher,
      FlushJob job,
      MemtableBudget.Account budget,
      long memtableBytes,
      IdleWatch idle,
      Executor background,
      Runnable afterFlush) {
    this.state = state;
    this.publisher = publisher;
    this.job = job;
    this.budget = budget;
    this.memtableBytes = memtableBytes;
    this.idle = idle;
    this.background = background;
    this.afterFlush = afterFlush;
  }

  /** Starts a flush if the active memtable is full, or one that had to wait for a commit. */
  void flushIfFull() {
    if (state.tree().active().sizeBytes() >= memtableBytes || state.isRotationDue()) {
      flushSoon();
    }
  }

  /**
   * Starts a flush of a memtable that nobody has written to for a while. By one thread at a time.
   *
   * @return whether nobody has written for a while, and all is flushed
   */
  boolean flushIfIdle() {
    Memtable active = state.tree().active();
    boolean still = idle.isIdle(active.appliedTo());
    if (still && !active.isEmpty()) {
      flushSoon();
    }
    return still && state.tree().memtables().size() == 1 && state.tree().active().isEmpty();
  }

  /** Starts a flush of what the active memtable holds, unless enough is being flushed already. */
  void flushSoon() {
    boolean unused =
        state.locked(() -> state.tree().memtables().size() < MAX_MEMTABLES && state.rotate());
    if (state.tree().memtables().size() > 1 && running.compareAndSet(false, true)) {
      background.execute(this::run);
    }
  }

  /** Until then some of what a flush does may still be to come, as the noting of garbage. */
  boolean isDone() {
    return !running.get() && state.tree().memtables().size() == 1;
  }

  private void run() {
    try {
      flushFrozen();
    } finally {
      running.set(false);
    }
    // A memtable may have been frozen after the last look.
    if (!state.isStopped() && state.tree().memtables().size() > 1) {
      flushSoon();
    }
  }

  private void flushFrozen() {
    long pause = FIRST_PAUSE_MILLIS;
    while (!state.isStopped() && state.tree().memtables().size() > 1) {
      try {
        flushOldest();
        pause = FIRST_PAUSE_MILLIS;
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "cannot flush shard " + state.shard() + ", trying again in " + pause + " ms",
            e);
        if (!pause(pause)) {
          break;
        }
        pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
      }
    }
  }

  private static boolean pause(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Flushes everything; no commit may be in flight or begin. */
  void flushAll() {
    boolean unused = state.locked(state::rotate);
    while (state.tree().memtables().size() > 1) {
      flushOldest();
    }
    boolean published =
        publisher.alone(() -> {
          Memtable active = state.tree().active();
          // Only an empty memtable has nothing below its position that no segment holds.
          boolean ahead = active.isEmpty() && publisher.published().isBefore(active.appliedTo());
          if (ahead) {
            publish(active, NOTHING, deletes -> state.deletes(deletes));
          }
          return ahead;
        });
    if (published) {
      afterFlush.run();
    }
  }

  private void flushOldest() {
    boolean flushed =
        publisher.alone(() -> {
          Tree tree = state.tree();
          Memtable oldest = tree.memtables().getLast();
          if (oldest == tree.active()) {
            return false;
          }
          publisher.checkOwner();
          FlushJob.Result result = job.run(tree, oldest);
          publish(oldest, result, deletes -> state.flushed(oldest, result, deletes));
          budget.release(oldest.sizeBytes());
          return true;
        });
    if (flushed) {
      afterFlush.run();
    }
  }

  private void publish(
      Memtable memtable, FlushJob.Result result, Consumer<List<String>> whenDurable) {
    Timestamp before = publisher.newestCommit();
    publisher.publish(
        new Change(
            memtable.appliedTo(),
            memtable.newest().isAfter(before) ? memtable.newest() : before,
            Set.of(),
            result.segments(),
            result.superseded(),
            state.tree().readable(),
            whenDurable));
  }
}
