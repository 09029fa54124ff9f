package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An object store whose calls can be made to fail, before or after they had their effect. */
final class FaultyObjects implements ObjectStore {

  /** Told of each call; what it throws is the call's outcome. On the callers' threads. */
  interface Faults {
    /** Nothing has happened yet. */
    default void before(String call, String key) {}

    /** It has happened: a fault here is an answer that was lost. */
    default void after(String call, String key) {}
  }

  private final ObjectStore objects;
  volatile Faults faults = new Faults() {};

  FaultyObjects(ObjectStore objects) {
    this.objects = objects;
  }

  @Override
  public void put(String key, byte[] content) {
    Faults now = faults;
    now.before("put", key);
    objects.put(key, content);
    now.after("put", key);
  }

  @Override
  public void putFile(String key, Path file) {
    Faults now = faults;
    now.before("putFile", key);
    objects.putFile(key, file);
    now.after("putFile", key);
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    Faults now = faults;
    now.before("putIfAbsent", key);
    boolean created = objects.putIfAbsent(key, content);
    now.after("putIfAbsent", key);
    return created;
  }

  @Override
  public Optional<byte[]> get(String key) {
    faults.before("get", key);
    return objects.get(key);
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    faults.before("getRange", key);
    return objects.getRange(key, offset, length);
  }

  @Override
  public Optional<Long> size(String key) {
    faults.before("size", key);
    return objects.size(key);
  }

  @Override
  public List<String> list(String prefix, String startAfter, int limit) {
    faults.before("list", prefix);
    return objects.list(prefix, startAfter, limit);
  }

  @Override
  public void delete(String key) {
    Faults now = faults;
    now.before("delete", key);
    objects.delete(key);
    now.after("delete", key);
  }

  @Override
  public void close() {
    objects.close();
  }
}
