package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The root's batches for its one consumer. Nothing runs before the first {@link #next}. A root of
 * one stream runs on the consumer's thread. Otherwise workers pull the streams and put batches into
 * a bounded queue; a worker that finds it full puts its stream back and leaves the pool, so a slow
 * consumer holds no thread. The consumer pulls a stream itself when nothing is ready and no worker
 * has taken it.
 */
final class ResultSource implements BatchSource {
  /** Batches ready but not taken, per stream. */
  private static final int READY_PER_STREAM = 4;

  private final Operator root;
  private final Execution execution;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<BatchSource> streams = new ArrayList<>();
  private final Deque<BatchSource> idle = new ArrayDeque<>();
  private final Deque<Batch> ready = new ArrayDeque<>();
  private boolean started;
  private boolean closed;
  private int width = 1;
  private int unfinished;
  private int running;
  private int queued;
  private @Nullable Throwable failure;

  ResultSource(Operator root, Execution execution) {
    this.root = root;
    this.execution = execution;
  }

  @Override
  public @Nullable Batch next() {
    if (closed) {
      return null;
    }
    try {
      if (!started) {
        start();
      }
      Batch batch = width == 1 ? pullAlone() : take();
      if (batch == null) {
        close();
      }
      return batch;
    } catch (RuntimeException | Error e) {
      close();
      throw TaskRunner.asUnchecked(e);
    }
  }

  private void start() {
    started = true;
    execution.check();
    root.prepare();
    width = root.width();
    unfinished = width;
    for (int i = 0; i < width; i++) {
      streams.add(root.stream(i));
      idle.add(streams.get(i));
    }
  }

  private @Nullable Batch pullAlone() {
    execution.check();
    BatchSource stream = idle.peek();
    return stream == null ? null : stream.next();
  }

  private @Nullable Batch take() {
    lock.lock();
    try {
      while (true) {
        if (failure != null) {
          throw TaskRunner.asUnchecked(failure);
        }
        execution.check();
        Batch batch = ready.poll();
        callWorkers();
        if (batch != null) {
          return batch;
        }
        if (unfinished == 0) {
          return null;
        }
        BatchSource stream = idle.poll();
        if (stream != null) {
          pull(stream);
        } else {
          awaitChange();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Holding the lock. The time-out lets the consumer notice cancellation. */
  private void awaitChange() {
    try {
      if (!changed.await(50, TimeUnit.MILLISECONDS)) {
        execution.check();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new dev.sheaf.protocol.error.SheafException(
          dev.sheaf.protocol.error.ErrorCode.QUERY_CANCELED,
          "canceling statement: its thread was interrupted",
          e);
    }
  }

  /** Holding the lock. */
  private void callWorkers() {
    int wanted = Math.min(idle.size(), width - running - queued);
    while (wanted-- > 0 && ready.size() < READY_PER_STREAM * width / 2) {
      try {
        queued++;
        execution.context().workers().execute(this::work);
      } catch (RejectedExecutionException busy) {
        queued--;
        return;
      }
    }
  }

  private void work() {
    lock.lock();
    try {
      queued--;
      while (!closed && failure == null && ready.size() < READY_PER_STREAM * width) {
        BatchSource stream = idle.poll();
        if (stream == null) {
          return;
        }
        pull(stream);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gets one batch of a stream; holding the lock, which is let go meanwhile. */
  private void pull(BatchSource stream) {
    running++;
    Batch batch = null;
    Throwable thrown = null;
    lock.unlock();
    try {
      execution.check();
      batch = stream.next();
    } catch (RuntimeException | Error e) {
      thrown = e;
    } finally {
      lock.lock();
      running--;
    }
    if (thrown != null) {
      failure = failure == null ? thrown : failure;
      execution.abort().abort();
      unfinished--;
    } else if (batch == null) {
      unfinished--;
    } else {
      ready.add(batch);
      idle.addFirst(stream);
    }
    changed.signalAll();
  }

  /** Stops the workers, waits until none is inside a stream, and releases everything. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      execution.abort().abort();
      while (running > 0) {
        changed.awaitUninterruptibly();
      }
      ready.clear();
      idle.clear();
    } finally {
      lock.unlock();
    }
    streams.forEach(BatchSource::close);
    root.close();
    execution.spilling().close();
  }
}
