package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows one prefix for one listener: lists it, hands over a snapshot, then the changes after it;
 * after a gap of any kind begins anew. The listener is called by the thread of {@link #follow}
 * only, so in order. Thread-safe.
 */
final class FactWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(FactWatch.class.getName());

  /** After this time without a sign of life one is asked for, after twice the time it is over. */
  private static final long SILENCE_MILLIS = 2000;

  /**
   * Then it begins anew in any case: before 3.4.31, 3.5.13 and, for deletions, 3.5.18 etcd can lose
   * changes without a word when it compacts.
   */
  private static final long LONGEST_STREAM_NANOS = 60_000_000_000L;

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private final Connection connection;
  private final Reads reads;
  private final String prefix;
  private final Consumer<WatchEvent> listener;
  private final Consumer<FactWatch> onClose;

  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private boolean failing;
  private volatile boolean closed;
  private volatile @Nullable EventStream current;

  FactWatch(
      Connection connection,
      Reads reads,
      String prefix,
      Consumer<WatchEvent> listener,
      Consumer<FactWatch> onClose) {
    this.connection = connection;
    this.reads = reads;
    this.prefix = prefix;
    this.listener = listener;
    this.onClose = onClose;
  }

  /** Runs until the watch is closed. */
  void follow() {
    try {
      while (!closed) {
        try {
          Reads.Listing present = reads.list(prefix);
          recovered();
          deliver(new WatchEvent.Snapshot(present.entries()));
          followAfter(present.revision());
        } catch (SheafException e) {
          failed(e.getMessage());
        }
        if (!closed) {
          TimeUnit.MILLISECONDS.sleep(pauseMillis);
          pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void followAfter(long revision) throws InterruptedException {
    try (EventStream stream = EventStream.open(connection, prefix, revision)) {
      current = stream;
      long openedNanos = connection.nanoTime();
      long asked = 0;
      while (!closed && connection.nanoTime() - openedNanos < LONGEST_STREAM_NANOS) {
        List<WatchEvent> events = stream.take(SILENCE_MILLIS / 2);
        if (events == null) {
          failed(stream.brokenBecause());
          return;
        }
        events.forEach(this::deliver);
        long silentMillis = stream.silentNanos() / 1_000_000;
        if (silentMillis < SILENCE_MILLIS) {
          asked = 0;
          pauseMillis = FIRST_PAUSE_MILLIS;
        } else if (silentMillis > 2 * SILENCE_MILLIS && asked > 0) {
          failed("etcd is silent");
          return;
        } else {
          asked++;
          stream.ask();
        }
      }
    }
  }

  private void deliver(WatchEvent event) {
    if (closed) {
      return;
    }
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a watch listener of " + prefix + " failed", e);
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.log(System.Logger.Level.DEBUG, "the watch of {0} begins anew", prefix);
    }
  }

  private void failed(@Nullable String why) {
    if (!failing && !closed) {
      failing = true;
      LOG.log(System.Logger.Level.INFO, "the watch of {0} was interrupted: {1}", prefix, why);
    }
  }

  @Override
  public void close() {
    closed = true;
    EventStream stream = current;
    if (stream != null) {
      stream.close();
    }
    onClose.accept(this);
  }
}
