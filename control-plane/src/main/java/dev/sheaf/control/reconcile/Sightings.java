package dev.sheaf.control.reconcile;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Since when each thing has been as it is. Used by one thread at a time. */
final class Sightings<K> {
  private record Seen(long version, long sinceNanos) {}

  private final Map<K, Seen> seen = new HashMap<>();

  /** When the thing was first seen in this version. */
  long since(K thing, long version, long nowNanos) {
    Seen before = seen.get(thing);
    if (before == null || before.version() != version) {
      before = new Seen(version, nowNanos);
      seen.put(thing, before);
    }
    return before.sinceNanos();
  }

  /** Forgets all others. */
  void retain(Set<K> present) {
    seen.keySet().retainAll(new HashSet<>(present));
  }
}
