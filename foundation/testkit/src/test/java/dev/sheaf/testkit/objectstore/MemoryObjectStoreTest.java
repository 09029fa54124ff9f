package dev.sheaf.testkit.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import org.junit.jupiter.api.Test;

final class MemoryObjectStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore open() {
    return new MemoryObjectStore();
  }

  @Test
  void isFullAtItsCapacityAndRecoversByDeletes() {
    var small = new MemoryObjectStore(10);
    small.put("a", new byte[6]);
    small.put("a", new byte[8]);

    assertThatThrownBy(() -> small.put("b", new byte[3]))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_FULL));
    assertThat(small.get("b")).isEmpty();
    small.delete("a");
    small.put("b", new byte[10]);
    assertThat(small.size("b")).hasValue(10L);
  }

  @Test
  void aKeyIsNotTheFolderOfAnother() {
    var store = new MemoryObjectStore();
    store.put("a/b", new byte[1]);
    assertThatThrownBy(() -> store.put("a", new byte[1])).hasMessageContaining("folder");
    assertThatThrownBy(() -> store.put("a/b/c", new byte[1])).hasMessageContaining("folder");
  }
}
