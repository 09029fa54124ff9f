package dev.sheaf.testkit.objectstore;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.cache.CachedObjects;
import dev.sheaf.objectstore.cache.DiskCache;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class CachedObjectsTest extends ObjectStoreContract {
  @TempDir Path folder;

  @Override
  protected ObjectStore open() {
    var limits = new DiskCache.Limits(8 << 20, 1 << 20, 0, 1 << 20);
    return new CachedObjects(
        new MemoryObjectStore(), DiskCache.open(folder, "one", limits, Runnable::run));
  }
}
