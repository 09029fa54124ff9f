package dev.sheaf.bench;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Objects in memory whose ranged reads take as long as those of a store behind a network.
 *
 * @param firstByteMillis of each request
 * @param bytesPerMilli of each connection; connections do not slow one another down
 */
record DistantObjects(
    MemoryObjectStore objects, double firstByteMillis, double bytesPerMilli, AtomicLong requests)
    implements ObjectStore {

  @Override
  public byte[] getRange(String key, long offset, int length) {
    long until =
        System.nanoTime() + (long) ((firstByteMillis + length / bytesPerMilli) * 1_000_000);
    requests.incrementAndGet();
    byte[] bytes = objects.getRange(key, offset, length);
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    return bytes;
  }

  @Override
  public void put(String key, byte[] content) {
    objects.put(key, content);
  }

  @Override
  public void putFile(String key, Path file) {
    objects.putFile(key, file);
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    return objects.putIfAbsent(key, content);
  }

  @Override
  public Optional<byte[]> get(String key) {
    return objects.get(key);
  }

  @Override
  public Optional<Long> size(String key) {
    return objects.size(key);
  }

  @Override
  public List<String> list(String prefix, String startAfter, int limit) {
    return objects.list(prefix, startAfter, limit);
  }

  @Override
  public void delete(String key) {
    objects.delete(key);
  }

  @Override
  public void close() {
    objects.close();
  }
}
