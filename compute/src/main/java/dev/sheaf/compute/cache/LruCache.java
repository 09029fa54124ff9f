package dev.sheaf.compute.cache;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Values by key within a bound of bytes; the least recently used leave first. A value heavier than
 * the whole bound is not kept. Thread-safe.
 */
public final class LruCache<K, V> {
  private final long maxBytes;
  private final ToLongFunction<V> weigher;
  private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param weigher bytes that a value keeps alive; must always answer the same for one value
   */
  public LruCache(long maxBytes, ToLongFunction<V> weigher) {
    this.maxBytes = maxBytes;
    this.weigher = weigher;
  }

  public synchronized @Nullable V get(K key) {
    return entries.get(key);
  }

  public synchronized void put(K key, V value) {
    long weight = weigher.applyAsLong(value);
    if (weight > maxBytes) {
      return;
    }
    V old = entries.put(key, value);
    bytes += weight - (old == null ? 0 : weigher.applyAsLong(old));
    Iterator<V> eldest = entries.values().iterator();
    while (bytes > maxBytes) {
      bytes -= weigher.applyAsLong(eldest.next());
      eldest.remove();
    }
  }

  public synchronized long sizeBytes() {
    return bytes;
  }
}
