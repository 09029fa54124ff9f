package dev.sheaf.objectstore.cache;

import dev.sheaf.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * An object store whose ranged reads go through a local disk. For objects that never change under
 * their key, as segments; whole objects are read from the store. Thread-safe.
 */
public record CachedObjects(ObjectStore objects, DiskCache disk) implements ObjectStore {

  @Override
  public byte[] getRange(String key, long offset, int length) {
    byte[] cached = disk.get(key, offset, length);
    if (cached != null) {
      return cached;
    }
    byte[] bytes = objects.getRange(key, offset, length);
    disk.put(key, offset, bytes);
    return bytes;
  }

  @Override
  public byte[] getRangeAgain(String key, long offset, int length) {
    disk.forget(key, offset, length);
    return objects.getRangeAgain(key, offset, length);
  }

  @Override
  public byte[] getRangeOnce(String key, long offset, int length) {
    return objects.getRangeOnce(key, offset, length);
  }

  @Override
  public void put(String key, byte[] content) {
    disk.forget(key);
    objects.put(key, content);
  }

  @Override
  public void putFile(String key, Path file) {
    disk.forget(key);
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
    disk.forget(key);
  }

  @Override
  public void close() {
    disk.close();
    objects.close();
  }
}
