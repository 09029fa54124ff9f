package dev.sheaf.pageserver.memtable;

import dev.sheaf.protocol.key.KeyRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks the versions of several memtables as if they were one: by key, then newest first. Weakly
 * consistent with a concurrent writer. Not thread-safe.
 */
public final class VersionCursor {
  private final List<Source> sources = new ArrayList<>();
  private final Comparator<VersionKey> order;

  private static final class Source {
    final Memtable memtable;
    final Iterator<Map.Entry<VersionKey, Version>> entries;
    Map.Entry<VersionKey, Version> head;

    Source(
        Memtable memtable,
        Iterator<Map.Entry<VersionKey, Version>> entries,
        Map.Entry<VersionKey, Version> head) {
      this.memtable = memtable;
      this.entries = entries;
      this.head = head;
    }
  }

  /** A version and the memtable that holds it. */
  public record Found(VersionKey key, Version version, Memtable memtable) {}

  public VersionCursor(List<Memtable> memtables, KeyRange range) {
    this(memtables, range, true);
  }

  /** From the last key to the first, and of each from the oldest version to the newest. */
  public static VersionCursor backward(List<Memtable> memtables, KeyRange range) {
    return new VersionCursor(memtables, range, false);
  }

  private VersionCursor(List<Memtable> memtables, KeyRange range, boolean forward) {
    this.order = forward ? Comparator.naturalOrder() : Comparator.reverseOrder();
    for (Memtable memtable : memtables) {
      var versions = memtable.range(range);
      var entries = (forward ? versions : versions.descendingMap()).entrySet().iterator();
      if (entries.hasNext()) {
        sources.add(new Source(memtable, entries, entries.next()));
      }
    }
  }

  /** The next version, null at the end. */
  public @Nullable Found next() {
    Source least = null;
    for (Source source : sources) {
      if (least == null || order.compare(source.head.getKey(), least.head.getKey()) < 0) {
        least = source;
      }
    }
    if (least == null) {
      return null;
    }
    var found = new Found(least.head.getKey(), least.head.getValue(), least.memtable);
    if (least.entries.hasNext()) {
      least.head = least.entries.next();
    } else {
      sources.remove(least);
    }
    return found;
  }
}
