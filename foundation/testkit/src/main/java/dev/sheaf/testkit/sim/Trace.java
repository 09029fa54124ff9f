package dev.sheaf.testkit.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened, in order: a hash of all of it, and the last of it as text. One thread at a time.
 */
public final class Trace {
  private static final int KEPT = 400;
  private static final long FNV_PRIME = 0x100000001b3L;

  private record Entry(long nanos, String machine, String what) {
    @Override
    public String toString() {
      return "%12.6f ms  %-10s %s".formatted(nanos / 1e6, machine, what);
    }
  }

  private final ArrayDeque<Entry> last = new ArrayDeque<>(KEPT);
  private long hash = 0xcbf29ce484222325L;
  private long events;

  void add(long nanos, String machine, String what) {
    mix(nanos);
    mix(machine.hashCode());
    mix(what.hashCode());
    events++;
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(new Entry(nanos, machine, what));
  }

  private void mix(long value) {
    hash = (hash ^ value) * FNV_PRIME;
    hash ^= hash >>> 29;
  }

  /** Equal for equal runs. */
  public long hash() {
    return hash;
  }

  public long events() {
    return events;
  }

  /** The last events, oldest first. */
  public List<String> last(int count) {
    var lines = new ArrayList<String>();
    int skip = Math.max(0, last.size() - count);
    last.stream().skip(skip).forEach(entry -> lines.add(entry.toString()));
    return lines;
  }
}
