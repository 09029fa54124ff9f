package dev.sheaf.objectstore;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Objects as files below a folder: object {@code a/b} is file {@code a/b}, with nothing added to
 * its content (the formats inside carry their own checks). Several processes may share the folder.
 *
 * <pre>
 * root/
 *   ~sheaf-staging/        marks the folder as ours; '~' cannot occur in a key
 *     put123.tmp           a put under way: written, fsynced, then renamed or linked
 *   shards/7/000001.seg    an object
 * </pre>
 *
 * <p>A put is durable when it returns: file content, then the name, then every folder created on
 * the way are fsynced. A delete is not. Folders left empty by deletes stay. Thread-safe; blocking.
 */
public final class LocalObjectStore implements ObjectStore {
  private static final int MAX_DURABLE_FOLDERS = 4096;

  private final Path root;

  /** Null: nothing is written. */
  private final @Nullable StagingFolder staging;

  /** Folders whose names are known to be fsynced; they are never removed. */
  private final Set<Path> durableFolders = ConcurrentHashMap.newKeySet();

  /**
   * Opens the store, creating the folder if it is absent or empty.
   *
   * @throws SheafException 55000 when the folder holds something else, 58030 when it cannot be
   *     written
   */
  public LocalObjectStore(Path root) {
    this(root.toAbsolutePath().normalize(), true);
  }

  private LocalObjectStore(Path root, boolean writes) {
    this.root = root;
    this.staging = writes ? StagingFolder.open(root) : null;
  }

  /**
   * Opens a store that is there, to be read; nothing in the folder is changed, and calls that would
   * change something are refused (25006).
   *
   * @throws SheafException 55000 when there is no such folder
   */
  public static LocalObjectStore forReading(Path root) {
    Path folder = root.toAbsolutePath().normalize();
    if (!Files.isDirectory(folder)) {
      throw new SheafException(
          ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
          "there is no object store in folder '" + folder + "'");
    }
    return new LocalObjectStore(folder, false);
  }

  private StagingFolder staging() {
    if (staging == null) {
      throw new SheafException(
          ErrorCode.READ_ONLY_SQL_TRANSACTION,
          "the object store in folder '" + root + "' is open for reading only");
    }
    return staging;
  }

  @Override
  public void put(String key, byte[] content) {
    Path target = path(key);
    guard(
        "write",
        key,
        () -> {
          publish(staging().write(content), target);
          return true;
        });
  }

  @Override
  public void putFile(String key, Path file) {
    Path target = path(key);
    guard(
        "write",
        key,
        () -> {
          publish(staging().copy(file), target);
          return true;
        });
  }

  private void publish(Path staged, Path target) throws IOException {
    try {
      createFolder(target);
      Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
      makeDurable(folderOf(target));
    } finally {
      Files.deleteIfExists(staged);
    }
  }

  /** Fsyncs the names in a folder, and once the folder's own name and those above it. */
  private void makeDurable(Path folder) throws IOException {
    StagingFolder.sync(folder);
    if (!durableFolders.contains(folder)) {
      StagingFolder.syncUpTo(root, folder);
      if (durableFolders.size() >= MAX_DURABLE_FOLDERS) {
        durableFolders.clear();
      }
      durableFolders.add(folder);
    }
  }

  private void createFolder(Path target) throws IOException {
    boolean clash = Files.isDirectory(target);
    try {
      Files.createDirectories(folderOf(target));
    } catch (FileAlreadyExistsException e) {
      clash = true;
    }
    if (clash) {
      throw ObjectKeys.folderClash(root.relativize(target).toString());
    }
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    Path target = path(key);
    return guard("write", key, () -> link(staging().write(content), target, content));
  }

  /** A hard link, unlike a rename, fails when the name is taken, and shows only whole content. */
  private boolean link(Path staged, Path target, byte[] content) throws IOException {
    try {
      createFolder(target);
      boolean ours;
      try {
        Files.createLink(target, staged);
        ours = true;
      } catch (FileAlreadyExistsException e) {
        ours = Files.isRegularFile(target) && Arrays.equals(Files.readAllBytes(target), content);
      }
      // Also when the object was there: the attempt that made it may have died before its fsync.
      makeDurable(folderOf(target));
      return ours;
    } finally {
      Files.deleteIfExists(staged);
    }
  }

  @Override
  public Optional<byte[]> get(String key) {
    Path file = path(key);
    return guard(
        "read",
        key,
        () -> {
          if (!Files.isRegularFile(file)) {
            return Optional.empty();
          }
          try {
            return Optional.of(Files.readAllBytes(file));
          } catch (NoSuchFileException e) {
            return Optional.empty();
          }
        });
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    Path file = path(key);
    ObjectKeys.checkRange(key, offset, length);
    return guard("read", key, () -> readRange(file, key, offset, length));
  }

  private static byte[] readRange(Path file, String key, long offset, int length)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw ObjectKeys.missing(key);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (offset > size - length) {
        throw ObjectKeys.truncated(key, size, offset, length);
      }
      ByteBuffer into = ByteBuffer.allocate(length);
      while (into.hasRemaining()) {
        if (channel.read(into, offset + into.position()) < 0) {
          throw ObjectKeys.truncated(key, channel.size(), offset, length);
        }
      }
      return into.array();
    } catch (NoSuchFileException e) {
      throw ObjectKeys.missing(key);
    }
  }

  @Override
  public Optional<Long> size(String key) {
    Path file = path(key);
    return guard(
        "read",
        key,
        () -> {
          try {
            return Files.isRegularFile(file) ? Optional.of(Files.size(file)) : Optional.empty();
          } catch (NoSuchFileException e) {
            return Optional.empty();
          }
        });
  }

  @Override
  public List<String> list(String prefix, String startAfter, int limit) {
    return guard("list", prefix, () -> new KeyWalk(prefix, startAfter, limit).from(root));
  }

  @Override
  public void delete(String key) {
    Path file = path(key);
    guard(
        "delete",
        key,
        () -> {
          StagingFolder unused = staging();
          if (Files.isRegularFile(file)) {
            Files.deleteIfExists(file); // not fsynced: who deletes garbage does it again
          }
          return true;
        });
  }

  @Override
  public void close() {}

  private Path path(String key) {
    return root.resolve(ObjectKeys.check(key));
  }

  private static Path folderOf(Path file) {
    Path folder = file.getParent();
    if (folder == null) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "file '" + file + "' has no folder");
    }
    return folder;
  }

  @FunctionalInterface
  private interface FileCall<T> {
    T run() throws IOException;
  }

  private static <T> T guard(String verb, String key, FileCall<T> call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw StagingFolder.failure("cannot " + verb + " object '" + key + "'", e);
    }
  }
}
