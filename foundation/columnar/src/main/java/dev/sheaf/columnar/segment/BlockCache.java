package dev.sheaf.columnar.segment;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Pages of segments, still encoded but verified, and open segments' indexes, on the heap: one cache
 * for all segments and databases of a process, bounded in bytes. Objects are immutable, so nothing
 * is ever invalidated; two stores that share a cache need different object keys.
 *
 * <p>Segmented LRU: what is used twice moves from the probation to the protected part, so that one
 * large scan cannot drive out what point reads live on. Thread-safe; sharded by key.
 */
public final class BlockCache {
  private static final int MAX_SHARDS = 16;
  private static final long MIN_SHARD_BYTES = 4L << 20;

  /** Map entry, key and object headers, by estimate. */
  private static final int ENTRY_BYTES = 160;

  private final long capacityBytes;
  private final Shard[] shards;
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
    @Override
    public int hashCode() {
      int mixed = (object.hashCode() * 31 + column) * 0x9E3779B9 + page * 0x85EBCA6B;
      return mixed ^ (mixed >>> 15);
    }
  }

  /** Counters since the start, and the bytes held now. */
  public record Stats(long hits, long misses, long evictions, long usedBytes) {}

  public long capacityBytes() {
    return capacityBytes;
  }

  public Stats stats() {
    long used = 0;
    for (Shard shard : shards) {
      used += shard.usedBytes();
    }
    return new Stats(hits.sum(), misses.sum(), evictions.sum(), used);
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

  /** Adds or replaces. A value too large for its shard is not kept. */
  void put(Key key, Cached value) {
    evictions.add(shard(key).put(key, value));
  }

  private Shard shard(Key key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return shards[(hash >>> 16) & (shards.length - 1)];
  }

  private static final class Shard {
    private final long capacity;
    private final long protectedCapacity;
    private final LinkedHashMap<Key, Cached> probation = new LinkedHashMap<>();
    private final LinkedHashMap<Key, Cached> established = new LinkedHashMap<>(16, 0.75f, true);
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

    synchronized @Nullable Cached get(Key key) {
      Cached value = established.get(key);
      if (value != null) {
        return value;
      }
      value = probation.remove(key);
      if (value != null) {
        establish(key, value);
      }
      return value;
    }

    private void establish(Key key, Cached value) {
      established.put(key, value);
      establishedUsed += weight(value);
      Iterator<java.util.Map.Entry<Key, Cached>> eldest = established.entrySet().iterator();
      while (establishedUsed > protectedCapacity && eldest.hasNext()) {
        var demoted = eldest.next();
        eldest.remove();
        establishedUsed -= weight(demoted.getValue());
        probation.put(demoted.getKey(), demoted.getValue());
      }
    }

    synchronized int put(Key key, Cached value) {
      if (weight(value) > capacity / 2) {
        return 0;
      }
      Cached old = established.get(key);
      if (old != null) {
        established.put(key, value);
        establishedUsed += weight(value) - weight(old);
      } else {
        old = probation.put(key, value);
      }
      used += weight(value) - (old == null ? 0 : weight(old));
      return evict(probation) + evict(established);
    }

    private int evict(LinkedHashMap<Key, Cached> part) {
      int evicted = 0;
      Iterator<Cached> eldest = part.values().iterator();
      while (used > capacity && eldest.hasNext()) {
        long weight = weight(eldest.next());
        eldest.remove();
        used -= weight;
        establishedUsed -= part == established ? weight : 0;
        evicted++;
      }
      return evicted;
    }

    private static long weight(Cached value) {
      return value.weightBytes() + ENTRY_BYTES;
    }
  }
}
