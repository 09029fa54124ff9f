package dev.sheaf.objectstore;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Objects on the heap, bounded in bytes: for tests and for databases that need not outlive the
 * process. Over the bound a put fails with 53100 and changes nothing. Thread-safe.
 */
public final class MemoryObjectStore implements ObjectStore {
  public static final long DEFAULT_CAPACITY_BYTES = 1L << 30;

  private final long capacityBytes;
  private final TreeMap<String, byte[]> objects = new TreeMap<>();
  private long usedBytes;

  public MemoryObjectStore() {
    this(DEFAULT_CAPACITY_BYTES);
  }

  public MemoryObjectStore(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  @Override
  public synchronized void put(String key, byte[] content) {
    replace(ObjectKeys.check(key), content.clone());
  }

  @Override
  public void putFile(String key, Path file) {
    ObjectKeys.check(key);
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot read file '" + file + "': " + e, e);
    }
    synchronized (this) {
      replace(key, content);
    }
  }

  @Override
  public synchronized boolean putIfAbsent(String key, byte[] content) {
    byte[] existing = objects.get(ObjectKeys.check(key));
    if (existing != null) {
      return Arrays.equals(existing, content);
    }
    replace(key, content.clone());
    return true;
  }

  private void replace(String key, byte[] content) {
    byte @Nullable [] old = objects.get(key);
    if (old == null) {
      refuseFolderClash(key);
    }
    long after = usedBytes + content.length - (old == null ? 0 : old.length);
    if (after > capacityBytes) {
      throw new SheafException(
              ErrorCode.DISK_FULL,
              "in-memory object store is full: %d of %d bytes used, object '%s' needs %d"
                  .formatted(usedBytes, capacityBytes, key, content.length))
          .withHint("Use an object store on disk or S3.");
    }
    objects.put(key, content);
    usedBytes = after;
  }

  /** As on a file system, so that code tested here cannot fail there. */
  private void refuseFolderClash(String key) {
    String below = objects.higherKey(key + "/");
    if (below != null && below.startsWith(key + "/")) {
      throw ObjectKeys.folderClash(key);
    }
    for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      String above = key.substring(0, slash);
      if (objects.containsKey(above)) {
        throw ObjectKeys.folderClash(key);
      }
    }
  }

  @Override
  public synchronized Optional<byte[]> get(String key) {
    return Optional.ofNullable(objects.get(ObjectKeys.check(key))).map(byte[]::clone);
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    ObjectKeys.checkRange(ObjectKeys.check(key), offset, length);
    byte[] content;
    synchronized (this) {
      content = objects.get(key);
    }
    if (content == null) {
      throw ObjectKeys.missing(key);
    }
    if (offset > content.length - length) {
      throw ObjectKeys.truncated(key, content.length, offset, length);
    }
    return Arrays.copyOfRange(content, (int) offset, (int) offset + length);
  }

  @Override
  public synchronized Optional<Long> size(String key) {
    return Optional.ofNullable(objects.get(ObjectKeys.check(key))).map(c -> (long) c.length);
  }

  @Override
  public synchronized List<String> list(String prefix, String startAfter, int limit) {
    String from = prefix.compareTo(startAfter) > 0 ? prefix : startAfter;
    var keys = new ArrayList<String>();
    for (Map.Entry<String, byte[]> object : objects.tailMap(from, true).entrySet()) {
      String key = object.getKey();
      if (keys.size() >= limit || !key.startsWith(prefix)) {
        // startAfter may lie before the prefix, never between two keys that have it
        break;
      }
      if (!key.equals(startAfter)) {
        keys.add(key);
      }
    }
    return keys;
  }

  @Override
  public synchronized void delete(String key) {
    byte[] old = objects.remove(ObjectKeys.check(key));
    if (old != null) {
      usedBytes -= old.length;
    }
  }

  @Override
  public void close() {}
}
