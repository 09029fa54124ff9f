package dev.sheaf.compute.copy;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * The only place on the server's disks that COPY may touch. Links that lead out of it are refused.
 *
 * @param root null = COPY with files is off
 */
public record ImportDirectory(@Nullable Path root) {

  /** Writes a file's content. */
  public interface Content {
    long writeTo(Path file) throws IOException;
  }

  /** A file that exists; 42501 outside of the directory, 22023 if it is not there. */
  public Path existing(String path) {
    Path real;
    try {
      real = inside(path).toRealPath();
    } catch (IOException e) {
      throw missing(path, e);
    }
    if (!real.startsWith(realRoot()) || !Files.isRegularFile(real)) {
      throw refused(path);
    }
    return real;
  }

  /**
   * Creates or replaces a file: it appears with all of its content or not at all.
   *
   * @return what the content's writer returned
   */
  public long write(String path, Content content) {
    Path target = inside(path);
    try {
      Path folder = target.getParent();
      Path name = target.getFileName();
      if (folder == null || name == null || !folder.toRealPath().startsWith(realRoot())) {
        throw refused(path);
      }
      Path partial = Files.createTempFile(folder.toRealPath(), ".copy-", ".partial");
      try {
        long result = content.writeTo(partial);
        Files.move(
            partial,
            folder.toRealPath().resolve(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        return result;
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "could not write file \"" + path + "\"", e);
    }
  }

  private Path inside(String path) {
    Path resolved;
    try {
      resolved = realRoot().resolve(path).normalize();
    } catch (InvalidPathException e) {
      throw missing(path, e);
    }
    if (!resolved.startsWith(realRoot())) {
      throw refused(path);
    }
    return resolved;
  }

  private Path realRoot() {
    if (root == null) {
      throw new SheafException(
              ErrorCode.INSUFFICIENT_PRIVILEGE, "COPY with files on the server is switched off")
          .withHint("Set the import directory in the server's configuration, or use ingest.");
    }
    try {
      return root.toRealPath();
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "the import directory cannot be read", e);
    }
  }

  private static SheafException missing(String path, Exception cause) {
    return new SheafException(
        ErrorCode.INVALID_PARAMETER_VALUE, "could not open file \"" + path + "\"", cause);
  }

  private static SheafException refused(String path) {
    return new SheafException(
            ErrorCode.INSUFFICIENT_PRIVILEGE,
            "\"" + path + "\" is not a file below the import directory")
        .withHint("COPY reads and writes only there.");
  }
}
