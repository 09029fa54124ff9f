package dev.sheaf.pageserver.sweep;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Objects that nothing seems to need, and since when. What is forgotten (a restart, too many) is
 * found again by a listing. Thread-safe.
 */
public final class Garbage {
  private static final int MAX_OBJECTS = 100_000;

  /** Monotonic time of each note, in its order. */
  private final Map<String, Long> since = new LinkedHashMap<>();

  /** The clock of those noted before goes on. */
  public synchronized void note(Collection<String> objectKeys, long nanos) {
    for (String key : objectKeys) {
      if (since.size() < MAX_OBJECTS) {
        Long unused = since.putIfAbsent(key, nanos);
      }
    }
  }

  /** They are gone, or needed after all. */
  public synchronized void forget(Collection<String> objectKeys) {
    objectKeys.forEach(since::remove);
  }

  /** What was noted at or before a time. */
  public synchronized List<String> notedBy(long nanos) {
    return since.entrySet().stream()
        .filter(each -> each.getValue() - nanos <= 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** When an object was noted; empty if it is not among them. */
  public synchronized OptionalLong notedAt(String objectKey) {
    Long at = since.get(objectKey);
    return at == null ? OptionalLong.empty() : OptionalLong.of(at);
  }

  public synchronized int size() {
    return since.size();
  }
}
