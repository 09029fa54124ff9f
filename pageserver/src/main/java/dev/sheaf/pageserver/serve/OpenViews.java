package dev.sheaf.pageserver.serve;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The views of a shard that are being read, by the time of their pictures. Thread-safe. */
final class OpenViews {
  private final Set<Pin> pins = ConcurrentHashMap.newKeySet();

  /** Keeps what a picture of this time names until it is closed. Idempotent. */
  final class Pin implements AutoCloseable {
    private final long nanos;

    private Pin(long nanos) {
      this.nanos = nanos;
    }

    @Override
    public void close() {
      pins.remove(this);
    }
  }

  Pin pin(long nanos) {
    var pin = new Pin(nanos);
    pins.add(pin);
    return pin;
  }

  /** The time of the oldest picture that is being read, or {@code now}. */
  long oldest(long now) {
    long oldest = now;
    for (Pin pin : pins) {
      if (pin.nanos - oldest < 0) {
        oldest = pin.nanos;
      }
    }
    return oldest;
  }

  int size() {
    return pins.size();
  }
}
