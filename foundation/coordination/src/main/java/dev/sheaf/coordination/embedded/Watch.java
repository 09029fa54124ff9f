package dev.sheaf.coordination.embedded;

import dev.sheaf.coordination.Coordination.WatchEvent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One listener and its queue. Events are offered in revision order and delivered in that order, one
 * at a time, on the executor; when the listener lags behind by more than the bound, the queue gives
 * way to a fresh snapshot. Thread-safe.
 */
final class Watch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Watch.class.getName());
  private static final int MAX_WAITING = 1024;

  private final String prefix;
  private final Consumer<WatchEvent> listener;
  private final Supplier<WatchEvent.Snapshot> present;
  private final Executor executor;
  private final Consumer<Watch> onClose;

  private final ArrayDeque<WatchEvent> waiting = new ArrayDeque<>();
  private boolean delivering;
  private boolean closed;

  /**
   * @param present the state under the prefix; called by whoever offers, so in order with offers
   */
  Watch(
      String prefix,
      Consumer<WatchEvent> listener,
      Supplier<WatchEvent.Snapshot> present,
      Executor executor,
      Consumer<Watch> onClose) {
    this.prefix = prefix;
    this.listener = listener;
    this.present = present;
    this.executor = executor;
    this.onClose = onClose;
  }

  /** Queues the snapshot with which every watch begins. */
  synchronized void start() {
    waiting.add(present.get());
    deliverSoon();
  }

  synchronized void offer(List<WatchEvent> events) {
    for (WatchEvent event : events) {
      if (keyOf(event).startsWith(prefix)) {
        waiting.add(event);
      }
    }
    if (waiting.size() > MAX_WAITING) {
      waiting.clear();
      waiting.add(present.get());
    }
    deliverSoon();
  }

  private static String keyOf(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Put put -> put.entry().key();
      case WatchEvent.Delete delete -> delete.key();
      case WatchEvent.Snapshot snapshot ->
          throw new IllegalArgumentException("not a change: " + snapshot);
    };
  }

  private void deliverSoon() {
    if (!delivering && !closed && !waiting.isEmpty()) {
      delivering = true;
      executor.execute(this::deliver);
    }
  }

  private void deliver() {
    while (true) {
      WatchEvent next;
      synchronized (this) {
        next = closed ? null : waiting.poll();
        if (next == null) {
          delivering = false;
          return;
        }
      }
      try {
        listener.accept(next);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "a watch listener of " + prefix + " failed", e);
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      waiting.clear();
    }
    onClose.accept(this);
  }
}
