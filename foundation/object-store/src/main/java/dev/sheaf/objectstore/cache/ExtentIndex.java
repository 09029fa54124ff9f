package dev.sheaf.objectstore.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which extents there are, and in which order they go: first in, first out, but those that were
 * read since they came are spared once (the "clock" of virtual memory), so that one large scan
 * passes through. Thread-safe; no file is touched here.
 */
final class ExtentIndex {
  /** Map entries, queue slot and the extent itself, by estimate. */
  static final int ENTRY_BYTES = 200;

  private final long capacityBytes;
  private final long maxExtents;
  private final Map<String, TreeMap<Long, Extent>> byObject = new HashMap<>();
  private final ArrayDeque<Extent> order = new ArrayDeque<>();
  private long usedBytes;
  private long live;

  /**
   * @param indexBytes that this index may take in memory
   */
  ExtentIndex(long capacityBytes, long indexBytes) {
    this.capacityBytes = capacityBytes;
    this.maxExtents = indexBytes / ENTRY_BYTES;
  }

  synchronized long usedBytes() {
    return usedBytes;
  }

  /** The extents that together hold the range, in order; empty if part of it is missing. */
  synchronized List<Extent> covering(String key, long offset, long end) {
    TreeMap<Long, Extent> extents = byObject.get(key);
    if (extents == null) {
      return List.of();
    }
    List<Extent> found = new ArrayList<>(1);
    for (long at = offset; at < end; ) {
      Map.Entry<Long, Extent> entry = extents.floorEntry(at);
      if (entry == null || entry.getValue().end() <= at) {
        return List.of();
      }
      found.add(entry.getValue());
      at = entry.getValue().end();
    }
    found.forEach(extent -> extent.used = true);
    return found;
  }

  /**
   * Adds an extent whose file is written.
   *
   * @return extents whose files are to be deleted; the new one among them if it has no room
   */
  synchronized List<Extent> add(Extent extent) {
    List<Extent> dropped = new ArrayList<>();
    TreeMap<Long, Extent> extents = byObject.computeIfAbsent(extent.key, k -> new TreeMap<>());
    Extent same = extents.put(extent.offset, extent);
    if (same != null) {
      same.dropped = true; // its file has been overwritten, or goes with its longer name
      usedBytes -= same.diskBytes();
      live--;
      if (same.length != extent.length) {
        dropped.add(same);
      }
    }
    order.add(extent);
    usedBytes += extent.diskBytes();
    live++;
    while (usedBytes > capacityBytes || live > maxExtents) {
      Extent eldest = order.remove();
      if (eldest.dropped) {
        continue;
      }
      if (eldest.used) {
        eldest.used = false;
        order.add(eldest);
      } else {
        drop(eldest);
        dropped.add(eldest);
      }
    }
    return dropped;
  }

  private void drop(Extent extent) {
    extent.dropped = true;
    usedBytes -= extent.diskBytes();
    live--;
    TreeMap<Long, Extent> extents = byObject.get(extent.key);
    if (extents != null && extents.get(extent.offset) == extent) {
      extents.remove(extent.offset);
      if (extents.isEmpty()) {
        byObject.remove(extent.key);
      }
    }
  }

  /** Takes out what overlaps the range; their files are to be deleted. */
  synchronized List<Extent> remove(String key, long offset, long end) {
    TreeMap<Long, Extent> extents = byObject.get(key);
    if (extents == null) {
      return List.of();
    }
    List<Extent> removed =
        extents.headMap(end).values().stream().filter(extent -> extent.end() > offset).toList();
    removed.forEach(this::drop);
    sweepOrder();
    return removed;
  }

  /** Whether the file of an extent that was taken out belongs to another one by now. */
  synchronized boolean isReplaced(Extent extent) {
    TreeMap<Long, Extent> extents = byObject.get(extent.key);
    Extent now = extents == null ? null : extents.get(extent.offset);
    return now != null && now.length == extent.length;
  }

  synchronized void clear() {
    byObject.clear();
    order.clear();
    usedBytes = 0;
    live = 0;
  }

  /** Keeps dropped extents from filling the queue. */
  private void sweepOrder() {
    if (order.size() > 2 * live + 64) {
      order.removeIf(extent -> extent.dropped);
    }
  }
}
