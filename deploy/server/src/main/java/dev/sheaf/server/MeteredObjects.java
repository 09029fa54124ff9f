package dev.sheaf.server;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.error.SheafException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** An object store whose calls are timed by kind, and whose failures are counted. Thread-safe. */
record MeteredObjects(ObjectStore objects, ServerMetrics metrics) implements ObjectStore {

  private <T> T timed(String kind, Supplier<T> call) {
    long begun = System.nanoTime();
    try {
      T answer = call.get();
      metrics.objectCall(kind, System.nanoTime() - begun);
      return answer;
    } catch (SheafException e) {
      metrics.objectCallFailed(kind, e.sqlState());
      throw e;
    }
  }

  private void timed(String kind, Runnable call) {
    Boolean unused =
        timed(
            kind,
            () -> {
              call.run();
              return true;
            });
  }

  @Override
  public void put(String key, byte[] content) {
    timed("put", () -> objects.put(key, content));
  }

  @Override
  public void putFile(String key, Path file) {
    timed("put_file", () -> objects.putFile(key, file));
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    return timed("create", () -> objects.putIfAbsent(key, content));
  }

  @Override
  public Optional<byte[]> get(String key) {
    return timed("get", () -> objects.get(key));
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    return timed("get_range", () -> objects.getRange(key, offset, length));
  }

  @Override
  public Optional<Long> size(String key) {
    return timed("head", () -> objects.size(key));
  }

  @Override
  public List<String> list(String prefix, String startAfter, int limit) {
    return timed("list", () -> objects.list(prefix, startAfter, limit));
  }

  @Override
  public void delete(String key) {
    timed("delete", () -> objects.delete(key));
  }

  @Override
  public void close() {
    objects.close();
  }
}
