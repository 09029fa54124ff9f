package dev.sheaf.systemtests.diff;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** An object store in memory that counts what is read of it. Thread-safe. */
final class CountedObjects implements ObjectStore {
  private final MemoryObjectStore objects = new MemoryObjectStore();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param reads requests
   * @param bytes that they answered
   */
  record Count(long reads, long bytes) {
    Count since(Count before) {
      return new Count(reads - before.reads, bytes - before.bytes);
    }
  }

  Count count() {
    return new Count(reads.get(), bytes.get());
  }

  /** Bytes of all segments. */
  long stored() {
    return list("", "", Integer.MAX_VALUE).stream()
        .mapToLong(key -> objects.size(key).orElse(0L))
        .sum();
  }

  private byte[] counted(byte[] read) {
    reads.incrementAndGet();
    bytes.addAndGet(read.length);
    return read;
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
    return objects.get(key).map(this::counted);
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    return counted(objects.getRange(key, offset, length));
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
