package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A result on its way to the client: holds the query's view, memory and place until it is drained,
 * fails, is closed, or its statement's time is up. Thread-safe.
 */
final class ResultRows implements BatchSource {
  private final BatchSource source;
  private final StatementScope scope;
  private final Runnable onClose;
  private final Consumer<SheafException> onError;
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;
  private @Nullable SheafException error;

  /**
   * @param onClose called once
   * @param onError told of an error that comes while rows are read
   */
  ResultRows(
      BatchSource source,
      StatementScope scope,
      Runnable onClose,
      Consumer<SheafException> onError) {
    this.source = source;
    this.scope = scope;
    this.onClose = onClose;
    this.onError = onError;
  }

  @Override
  public @Nullable Batch next() {
    lock.lock();
    try {
      if (error != null) {
        throw error;
      }
      if (closed) {
        return null;
      }
      scope.checkAlive();
      Batch batch = source.next();
      if (batch == null) {
        release();
      }
      return batch;
    } catch (SheafException e) {
      if (error == null) {
        error = e;
        onError.accept(e);
      }
      release();
      throw e;
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the result if its time is up and nobody is reading it; the reader gets 57014. */
  void expire() {
    if (!lock.tryLock()) {
      return;
    }
    try {
      if (!closed) {
        scope.checkAlive();
      }
    } catch (SheafException e) {
      error = e;
      release();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      release();
    } finally {
      lock.unlock();
    }
  }

  private void release() {
    if (closed) {
      return;
    }
    closed = true;
    try (scope) {
      source.close();
    } finally {
      onClose.run();
    }
  }

  /** Batches that are there already. */
  static BatchSource of(List<Batch> batches) {
    var iterator = batches.iterator();
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        return iterator.hasNext() ? iterator.next() : null;
      }

      @Override
      public void close() {}
    };
  }
}
