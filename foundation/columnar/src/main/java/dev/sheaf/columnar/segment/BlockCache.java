package dev.sheaf.columnar.segment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Pages of segments, still encoded but verified, and open segments' indexes, on the heap: one cache
 * for all segments and databases of a process, bounded in bytes. Objects are immutable, so nothing
 * is ever invalidated; two stores that share a cache need different object keys.
 *
 * <p>Segmented LRU: what is used twice moves from the probation to the protected part, so that one
 * large scan cannot drive out what point reads live on. A page that was read ahead has not been
 * used yet, so a scan, which uses each page once, stays on probation. Thread-safe; sharded by key.
 */
public final class BlockCache {
  private static final int MAX_SHARDS = 16;
  private static final long MIN_SHARD_BYTES = 4L << 20;

  /** Map entry, key and object headers, by estimate. */
  private static final int ENTRY_BYTES = 160;

  private final long capacityBytes;
  private final Shard[] shards;
  private final PageLoads loads = new PageLoads();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  public BlockCache(long capacityBytes) {
    this.capacityBytes = capacityBytes;
    long wanted = Math.clamp(capacityBytes / MIN_SHARD_BYTES, 1L, (long) MAX_SHARDS);
    this.shards = new Shard[(int) Long.highestOneBit(wanted)];
    for (int i = 0; i < shards.length; i++) {
      shards[i] = new Shard(capacityBytes / shards.length);
    }
  }

  /** What a cache holds: an immutable value of a known weight. */
  interface Cached {
    long weightBytes();
  }

  /**
   * @param object object key of the segment
   * @param column column id, or {@link SegmentFile#INDEX_ENTRY}
   * @param page page of the column
   */
  record Key(String object, int column, int page) {
    /** By where a page lies in its object. */
    static final Comparator<Key> IN_FILE =
        Comparator.comparingInt(Key::column).thenComparingInt(Key::page);

    @Override
    public int hashCode() {
      int mixed = (object.hashCode() * 31 + column) * 0x9E3779B9 + page * 0x85EBCA6B;
      return mixed ^ (mixed >>> 15);
    }
  }

  /**
   * Counters since the start, and the bytes held now.
   *
   * @param shared misses that waited for a read that was under way, instead of reading themselves
   */
  public record Stats(long hits, long misses, long shared, long evictions, long usedBytes) {}

  public long capacityBytes() {
    return capacityBytes;
  }

  public Stats stats() {
    long used = 0;
    for (Shard shard : shards) {
      used += shard.usedBytes();
    }
    return new Stats(hits.sum(), misses.sum(), loads.shared(), evictions.sum(), used);
  }

  /** Reads of pages under way: of all segments whose pages come here. */
  PageLoads loads() {
    return loads;
  }

  @Nullable Cached get(Key key) {
    Cached value = shard(key).get(key);
    (value == null ? misses : hits).increment();
    return value;
  }

  /** Whether the key is there, without counting as a use. */
  boolean holds(Key key) {
    return shard(key).holds(key);
  }

  /** Adds or replaces what is being used. A value too large for its shard is not kept. */
  void put(Key key, Cached value) {
    evictions.add(shard(key).put(key, new Entry(value, true)));
  }

  /** As {@link #put}, for what nobody has asked for yet. */
  void putAhead(Key key, Cached value) {
    evictions.add(shard(key).put(key, new Entry(value, false)));
  }

  /** Without counting as a use, a hit or a miss. */
  @Nullable Cached peek(Key key) {
    return shard(key).peek(key);
  }

  /** Takes what is there for used more than once already. */
  void establish(Key key) {
    shard(key).establish(key);
  }

  /** What has been used more than once, each shard's latest first, up to so many bytes. */
  List<Key> hottest(long limitBytes) {
    List<Key> keys = new ArrayList<>();
    for (Shard shard : shards) {
      shard.hottest(limitBytes / shards.length, keys);
    }
    return keys;
  }

  /** Guarded by its shard. */
  private static final class Entry {
    final Cached value;
    boolean used;

    Entry(Cached value, boolean used) {
      this.value = value;
      this.used = used;
    }

    long weight() {
      return value.weightBytes() + ENTRY_BYTES;
    }
  }

  private Shard shard(Key key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return shards[(hash >>> 16) & (shards.length - 1)];
  }

  private static final class Shard {
    private final long capacity;
    private final long protectedCapacity;
    private final LinkedHashMap<Key, Entry> probation = new LinkedHashMap<>();
    private final LinkedHashMap<Key, Entry> established = new LinkedHashMap<>(16, 0.75f, true);
    private long used;
    private long establishedUsed;

    Shard(long capacity) {
      this.capacity = capacity;
      this.protectedCapacity = capacity - capacity / 5;
    }

    synchronized long usedBytes() {
      return used;
    }

    synchronized boolean holds(Key key) {
      return probation.containsKey(key) || established.containsKey(key);
    }

    synchronized @Nullable Cached peek(Key key) {
      Entry entry = probation.get(key);
      entry = entry != null ? entry : established.get(key);
      return entry == null ? null : entry.value;
    }

    synchronized void hottest(long limitBytes, List<Key> into) {
      long left = limitBytes;
      for (Map.Entry<Key, Entry> entry : established.sequencedEntrySet().reversed()) {
        left -= entry.getValue().weight();
        if (left < 0) {
          return;
        }
        into.add(entry.getKey());
      }
    }

    synchronized @Nullable Cached get(Key key) {
      Entry entry = established.get(key);
      if (entry == null) {
        entry = probation.get(key);
        if (entry == null) {
          return null;
        }
        if (entry.used) {
          probation.remove(key);
          establish(key, entry);
        }
        entry.used = true;
      }
      return entry.value;
    }

    synchronized void establish(Key key) {
      Entry entry = probation.remove(key);
      if (entry != null) {
        entry.used = true;
        establish(key, entry);
      }
    }

    private void establish(Key key, Entry entry) {
      established.put(key, entry);
      establishedUsed += entry.weight();
      Iterator<Map.Entry<Key, Entry>> eldest = established.entrySet().iterator();
      while (establishedUsed > protectedCapacity && eldest.hasNext()) {
        var demoted = eldest.next();
        eldest.remove();
        establishedUsed -= demoted.getValue().weight();
        probation.put(demoted.getKey(), demoted.getValue());
      }
    }

    synchronized int put(Key key, Entry entry) {
      if (entry.weight() > capacity / 2) {
        return 0;
      }
      Entry old = established.get(key);
      if (old != null) {
        established.put(key, entry);
        establishedUsed += entry.weight() - old.weight();
      } else {
        old = probation.put(key, entry);
        entry.used |= old != null && old.used;
      }
      used += entry.weight() - (old == null ? 0 : old.weight());
      return evict(probation) + evict(established);
    }

    private int evict(LinkedHashMap<Key, Entry> part) {
      int evicted = 0;
      Iterator<Entry> eldest = part.values().iterator();
      while (used > capacity && eldest.hasNext()) {
        long weight = eldest.next().weight();
        eldest.remove();
        used -= weight;
        establishedUsed -= part == established ? weight : 0;
        evicted++;
      }
      return evicted;
    }
  }
}
