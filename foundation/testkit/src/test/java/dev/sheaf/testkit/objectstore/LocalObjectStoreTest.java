package dev.sheaf.testkit.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.LocalObjectStore;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalObjectStoreTest extends ObjectStoreContract {
  @TempDir Path folder;

  @Override
  protected ObjectStore open() {
    return new LocalObjectStore(folder.resolve("new/store"));
  }

  @Test
  void objectsAreTheFilesAndOutliveTheStore() throws IOException {
    Path root = folder.resolve("kept");
    new LocalObjectStore(root).put("a/b.seg", new byte[] {1, 2, 3});

    assertThat(root.resolve("a/b.seg")).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(new LocalObjectStore(root).get("a/b.seg")).hasValue(new byte[] {1, 2, 3});
    try (var leftOvers = Files.list(root.resolve("~sheaf-staging"))) {
      assertThat(leftOvers).isEmpty();
    }
  }

  @Test
  void aPutThatDiedLeavesNoObjectAndIsClearedAwayInTime() throws IOException {
    Path root = folder.resolve("died");
    new LocalObjectStore(root).close();
    Path recent = Files.write(root.resolve("~sheaf-staging/put1.tmp"), new byte[7]);
    Path old = Files.write(root.resolve("~sheaf-staging/put2.tmp"), new byte[7]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH));

    assertThat(new LocalObjectStore(root).list("", "", 10)).isEmpty();
    assertThat(old).doesNotExist();
    assertThat(recent).as("may be at work").exists();
  }

  @Test
  void refusesWhatIsNotAStore() throws IOException {
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Files.writeString(foreign.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> new LocalObjectStore(foreign))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE))
        .hasMessageContaining(foreign.toString());
    try (var untouched = Files.list(foreign)) {
      assertThat(untouched).containsExactly(foreign.resolve("thesis.txt"));
    }

    Path file = Files.writeString(folder.resolve("file"), "x");
    for (Path notAFolder : new Path[] {file, file.resolve("below")}) {
      assertThatThrownBy(() -> new LocalObjectStore(notAFolder))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining(notAFolder.toString());
    }
    assertThatThrownBy(() -> new LocalObjectStore(Path.of("/proc/sheaf")))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
  }

  @Test
  void aStoreForReadingLeavesItsFolderAlone() throws IOException {
    Path root = folder.resolve("read");
    new LocalObjectStore(root).put("a/b", new byte[] {1, 2, 3});
    Files.delete(root.resolve("~sheaf-staging"));
    var store = LocalObjectStore.forReading(root);
    assertThat(store.list("", "", 10)).containsExactly("a/b");
    assertThat(store.get("a/b")).hasValue(new byte[] {1, 2, 3});
    assertThat(store.getRange("a/b", 1, 2)).isEqualTo(new byte[] {2, 3});
    List<ThrowingCallable> changes =
        List.of(
            () -> store.put("c", new byte[1]),
            () -> store.putIfAbsent("c", new byte[1]),
            () -> store.putFile("c", root.resolve("a/b")),
            () -> store.delete("a/b"));
    for (ThrowingCallable change : changes) {
      assertThatThrownBy(change)
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.READ_ONLY_SQL_TRANSACTION));
    }
    try (var all = Files.walk(root)) {
      assertThat(all).containsExactly(root, root.resolve("a"), root.resolve("a/b"));
    }
    assertThatThrownBy(() -> LocalObjectStore.forReading(folder.resolve("none")))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE));
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void opensAnEmptyVolume() throws IOException {
    Path volume = Files.createDirectories(folder.resolve("volume/lost+found")).getParent();
    var store = new LocalObjectStore(volume);
    store.put("k", new byte[1]);
    assertThat(store.list("", "", 10)).containsExactly("k");
  }

  @Test
  void aKeyIsNotTheFolderOfAnother() {
    var store = open();
    store.put("a/b", new byte[1]);
    assertThatThrownBy(() -> store.put("a", new byte[1])).hasMessageContaining("folder");
    assertThatThrownBy(() -> store.put("a/b/c", new byte[1])).hasMessageContaining("folder");
    assertThatThrownBy(() -> store.putIfAbsent("a/b/c", new byte[1]))
        .hasMessageContaining("folder");
  }
}
