package dev.sheaf.compute.exec;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the tasks of a phase on the worker pool and on the calling thread, which does whatever no
 * worker has begun: a busy pool makes a phase slower, never stuck. Thread-safe.
 */
final class TaskRunner {
  private final Executor workers;
  private final int parallelism;
  private final Execution.Abort abort;

  TaskRunner(Executor workers, int parallelism, Execution.Abort abort) {
    this.workers = workers;
    this.parallelism = parallelism;
    this.abort = abort;
  }

  /** Runs everything on the calling thread. */
  static TaskRunner callerOnly() {
    return new TaskRunner(Runnable::run, 1, new Execution.Abort());
  }

  /**
   * Runs task 0 to count - 1, each once, and returns when all have ended. If one fails the others
   * are told to stop through the execution's abort flag and the first failure is thrown.
   */
  void run(int count, IntConsumer task) {
    if (count == 1) {
      task.accept(0);
      return;
    }
    var phase = new Phase(count, task, abort);
    for (int helper = 1; helper < Math.min(count, parallelism); helper++) {
      try {
        workers.execute(phase::work);
      } catch (RejectedExecutionException busy) {
        break;
      }
    }
    phase.work();
    phase.await();
  }

  /** The tasks of one call and how many have ended. */
  private static final class Phase {
    private final int count;
    private final IntConsumer task;
    private final Execution.Abort abort;
    private final AtomicInteger next = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private int done;
    private @Nullable Throwable failure;

    Phase(int count, IntConsumer task, Execution.Abort abort) {
      this.count = count;
      this.task = task;
      this.abort = abort;
    }

    @SuppressWarnings("CatchingUnchecked")
    void work() {
      int index;
      while ((index = next.getAndIncrement()) < count) {
        Throwable thrown = null;
        try {
          if (!abort.isAborted()) {
            task.accept(index);
          }
        } catch (RuntimeException | Error e) {
          thrown = e;
        }
        end(thrown);
      }
    }

    private void end(@Nullable Throwable thrown) {
      lock.lock();
      try {
        done++;
        if (thrown != null) {
          if (failure == null) {
            failure = thrown;
          }
          abort.abort();
        }
        if (done == count) {
          ended.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Tasks check the deadline with every batch, so they end soon after it. */
    void await() {
      lock.lock();
      try {
        while (done < count) {
          ended.awaitUninterruptibly();
        }
        if (failure != null) {
          throw asUnchecked(failure);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Lack of heap is the query's failure, not the process's. */
  static RuntimeException asUnchecked(Throwable failure) {
    return switch (failure) {
      case OutOfMemoryError e ->
          new SheafException(
                  ErrorCode.OUT_OF_MEMORY, "out of memory: the compute's heap is full", e)
              .withHint("Ask for fewer rows or columns, or lower query_memory_mb.");
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(failure);
    };
  }
}
