package dev.sheaf.objectstore;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where {@link LocalObjectStore} writes before it publishes, and the mark of a folder that is ours.
 * Files that a killed process left here are never visible as objects, and are removed after a day.
 * Thread-safe.
 */
final class StagingFolder {
  static final String NAME = "~sheaf-staging";

  private static final Duration ABANDONED_AFTER = Duration.ofDays(1);

  private final Path folder;

  private StagingFolder(Path folder) {
    this.folder = folder;
  }

  static StagingFolder open(Path root) {
    try {
      Files.createDirectories(root);
      Path folder = root.resolve(NAME);
      if (!Files.isDirectory(folder)) {
        refuseForeign(root);
        Files.createDirectories(folder);
        sync(root);
      }
      var staging = new StagingFolder(folder);
      staging.removeAbandoned(staging.probe());
      return staging;
    } catch (FileAlreadyExistsException e) {
      throw new SheafException(
              ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
              "'" + root + "' is not a folder, it cannot hold an object store",
              e)
          .withHint("Name a folder that is empty or does not exist yet.");
    } catch (IOException e) {
      throw failure("cannot open the object store in folder '" + root + "'", e);
    }
  }

  /** Writing among somebody's files would make their names objects, and deletes theirs. */
  private static void refuseForeign(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      // The root of a fresh ext4 volume holds lost+found; a concurrent opener may have marked it.
      boolean foreign =
          entries
              .map(entry -> String.valueOf(entry.getFileName()))
              .anyMatch(name -> !name.equals("lost+found") && !name.equals(NAME));
      if (foreign) {
        throw new SheafException(
                ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
                "folder '" + root + "' holds files that are not a Sheaf object store")
            .withHint("Name a folder that is empty or does not exist yet.");
      }
    }
  }

  /**
   * Learns now, not at the first flush, whether files can be written and linked.
   *
   * @return the volume's time
   */
  private FileTime probe() throws IOException {
    Path probe = write(new byte[0]);
    Path second = probe.resolveSibling(probe.getFileName() + ".link");
    try {
      Files.createLink(second, probe);
      return Files.getLastModifiedTime(probe);
    } catch (UnsupportedOperationException e) {
      // How a file system of another kind (FAT, some network mounts) answers: not with an
      // IOException. Without links there is no atomic putIfAbsent, so the store is not opened.
      throw new IOException("the file system has no hard links", e);
    } finally {
      Files.deleteIfExists(second);
      Files.deleteIfExists(probe);
    }
  }

  /** Files of processes that died during a put; young ones may be another process's, at work. */
  private void removeAbandoned(FileTime now) throws IOException {
    Instant limit = now.toInstant().minus(ABANDONED_AFTER);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "put*.tmp*")) {
      for (Path file : files) {
        try {
          if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
            Files.deleteIfExists(file);
          }
        } catch (NoSuchFileException e) {
          continue; // published, or removed by another opener
        }
      }
    }
  }

  /** A new fsynced file with this content. */
  Path write(byte[] content) throws IOException {
    Path file = Files.createTempFile(folder, "put", ".tmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
      return file;
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** A new fsynced file with the content of another. */
  Path copy(Path source) throws IOException {
    Path file = Files.createTempFile(folder, "put", ".tmp");
    try {
      Files.copy(source, file, StandardCopyOption.REPLACE_EXISTING);
      sync(file);
      return file;
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Fsyncs a file, or a folder: its names. */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Makes the names of a folder and of those above it, up to {@code root}, durable: another process
   * may have created one a moment ago and not synced it yet.
   */
  static void syncUpTo(Path root, Path folder) throws IOException {
    for (Path at = folder; at != null && !at.equals(root); at = at.getParent()) {
      Path parent = at.getParent();
      if (parent != null) {
        sync(parent);
      }
    }
  }

  static SheafException failure(String what, IOException e) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e.getMessage();
    String message = what + ": " + (e instanceof AccessDeniedException ? "access denied" : reason);
    if (String.valueOf(reason).toLowerCase(Locale.ROOT).contains("no space left")) {
      return new SheafException(ErrorCode.DISK_FULL, message, e)
          .withHint("Free space on the volume of the object store.");
    }
    return new SheafException(ErrorCode.IO_ERROR, message, e)
        .withHint("Check that the volume is mounted and writable by this user.");
  }
}
