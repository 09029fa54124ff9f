package dev.sheaf.control.reconcile;

import dev.sheaf.protocol.DatabaseId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often work on each database has failed, and when to try again: after 1 s, doubled by each
 * failure, at most 30 s. Thread-safe.
 */
final class Attempts {
  private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 30 * FIRST_PAUSE_NANOS;
  private static final int MAX_DOUBLINGS = 5;

  private final Map<DatabaseId, Noted> notes = new ConcurrentHashMap<>();

  private record Noted(Failures failures, long notBeforeNanos) {}

  record Failures(int count, Optional<String> last) {
    static final Failures NONE = new Failures(0, Optional.empty());
  }

  void failed(DatabaseId database, String error, long nowNanos) {
    notes.compute(
        database,
        (id, before) -> {
          int count = before == null ? 1 : before.failures().count() + 1;
          long pause =
              Math.min(
                  FIRST_PAUSE_NANOS << Math.min(count - 1, MAX_DOUBLINGS), LONGEST_PAUSE_NANOS);
          return new Noted(new Failures(count, Optional.of(error)), nowNanos + pause);
        });
  }

  void succeeded(DatabaseId database) {
    notes.remove(database);
  }

  boolean isDue(DatabaseId database, long nowNanos) {
    Noted noted = notes.get(database);
    return noted == null || nowNanos - noted.notBeforeNanos() >= 0;
  }

  Failures of(DatabaseId database) {
    Noted noted = notes.get(database);
    return noted == null ? Failures.NONE : noted.failures();
  }
}
