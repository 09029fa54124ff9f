package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination.WatchEvent;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent.EventType;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All changes below a prefix after one revision, until something is missing: then it is broken for
 * good. jetcd would resume a stream by itself, but may skip changes when it does. Thread-safe.
 */
final class EventStream implements Watch.Listener, AutoCloseable {
  /** Beyond it, the present state is cheaper than the way to it. */
  private static final long MAX_WAITING_BYTES = 4 << 20;

  private static final long EVENT_OVERHEAD_BYTES = 100;

  private final Keys keys;
  private final Connection connection;
  private final long afterRevision;
  private final List<WatchEvent> waiting = new ArrayList<>();
  private long waitingBytes;
  private @Nullable String broken;
  private long heardNanos;
  private Watch.@Nullable Watcher watcher;

  private EventStream(Connection connection, long afterRevision) {
    this.connection = connection;
    this.afterRevision = afterRevision;
    this.keys = connection.keys();
    this.heardNanos = connection.nanoTime();
  }

  static EventStream open(Connection connection, String prefix, long afterRevision) {
    var stream = new EventStream(connection, afterRevision);
    Client client = connection.client();
    WatchOption option =
        WatchOption.builder()
            .withRange(stream.keys.endOfFacts(prefix))
            // From a revision that is yet to come etcd gives no sign of life, and if the next
            // one is compacted at once it may keep silent about deletions.
            .withRevision(afterRevision)
            .withProgressNotify(true)
            // A member that lost its leader would fall silent otherwise.
            .withRequireLeader(true)
            .build();
    try {
      stream.watcher = client.getWatchClient().watch(stream.keys.fact(prefix), option, stream);
    } catch (RuntimeException e) {
      stream.breakOff("it could not be opened: " + e.getMessage());
    }
    return stream;
  }

  /**
   * What has come in, in revision order, after waiting for it if need be; empty if nothing has.
   * Null when the stream is broken.
   */
  synchronized @Nullable List<WatchEvent> take(long waitMillis) throws InterruptedException {
    if (waiting.isEmpty() && broken == null) {
      wait(waitMillis);
    }
    if (broken != null) {
      return null;
    }
    var taken = List.copyOf(waiting);
    waiting.clear();
    waitingBytes = 0;
    return taken;
  }

  /** Why it is broken; null if it is not. */
  synchronized @Nullable String brokenBecause() {
    return broken;
  }

  /** How long nothing has come from etcd, not even an answer to {@link #ask}. */
  synchronized long silentNanos() {
    return connection.nanoTime() - heardNanos;
  }

  /** Asks for a sign of life. */
  void ask() {
    Watch.Watcher open = watcher;
    try {
      if (open != null) {
        open.requestProgress();
      }
    } catch (RuntimeException e) {
      breakOff("it cannot be written to: " + e.getMessage());
    }
  }

  @Override
  public void onNext(WatchResponse response) {
    connection.answered();
    synchronized (this) {
      heardNanos = connection.nanoTime();
      if (broken != null) {
        return;
      }
      // The revision of a mere sign of life is not used: etcd up to 3.4.24 and 3.5.7 may name one
      // whose changes it has not sent yet.
      for (var event : response.getEvents()) {
        if (event.getKeyValue().getModRevision() <= afterRevision) {
          continue;
        }
        waiting.add(
            event.getEventType() == EventType.DELETE
                ? new WatchEvent.Delete(keys.keyOf(event.getKeyValue()))
                : new WatchEvent.Put(keys.entry(event.getKeyValue())));
        waitingBytes +=
            EVENT_OVERHEAD_BYTES
                + event.getKeyValue().getKey().size()
                + event.getKeyValue().getValue().size();
      }
      if (waitingBytes > MAX_WAITING_BYTES) {
        breakOff("its listener lags behind");
      } else if (!waiting.isEmpty()) {
        notifyAll();
      }
    }
  }

  @Override
  public void onError(Throwable cause) {
    breakOff(String.valueOf(cause.getMessage()));
  }

  @Override
  public void onCompleted() {
    breakOff("etcd ended it");
  }

  private synchronized void breakOff(String why) {
    if (broken == null) {
      broken = why;
      waiting.clear();
      notifyAll();
    }
  }

  @Override
  public void close() {
    breakOff("closed");
    Watch.Watcher open = watcher;
    if (open != null) {
      open.close();
    }
  }
}
