package dev.sheaf.objectstore.cache;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files of a cache.
 *
 * <pre>
 * root/
 *   sheaf.cache             "sheaf object cache, format 1, of STORE": anything else is emptied
 *   objects/KEY/            an object, by its key
 *     1048576-65536         an extent: offset-length
 * </pre>
 */
final class CacheFolder {
  private static final String MARKER = "sheaf.cache";
  private static final Pattern NAME = Pattern.compile("(\\d{1,18})-(\\d{1,9})");

  private final Path root;
  private final Path objects;

  private CacheFolder(Path root) {
    this.root = root;
    this.objects = root.resolve("objects");
  }

  /**
   * Takes the folder; empties it if it is the cache of another store or of another format.
   *
   * @param store tells stores apart
   */
  static CacheFolder open(Path root, String store) throws IOException {
    var folder = new CacheFolder(root.toAbsolutePath().normalize());
    String marker = "sheaf object cache, format 1, of " + store + "\n";
    Path file = folder.root.resolve(MARKER);
    if (!Files.exists(file) || !Files.readString(file).equals(marker)) {
      folder.empty();
      Files.createDirectories(folder.root);
      Files.writeString(file, marker);
    }
    Files.createDirectories(folder.objects);
    return folder;
  }

  Path root() {
    return root;
  }

  Path file(Extent extent) {
    return objects.resolve(extent.key).resolve(extent.offset + "-" + extent.length);
  }

  void write(Extent extent, byte[] payload) throws IOException {
    Path file = file(extent);
    try {
      ExtentFile.write(file, extent, payload);
    } catch (NoSuchFileException e) {
      Files.createDirectories(objects.resolve(extent.key));
      ExtentFile.write(file, extent, payload);
    }
  }

  void delete(Extent extent) throws IOException {
    Files.deleteIfExists(file(extent));
    // The object's folder, too, if that was its last extent: else this does nothing.
    boolean unused = objects.resolve(extent.key).toFile().delete();
  }

  /** What is left from before, the oldest first. What cannot be whole is deleted. */
  List<Extent> survivors() throws IOException {
    record Found(Extent extent, FileTime time) {}
    List<Found> found = new ArrayList<>();
    Files.walkFileTree(
        objects,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String key = String.valueOf(objects.relativize(file).getParent());
            Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
            if (name.matches()) {
              var extent =
                  new Extent(key, Long.parseLong(name.group(1)), Integer.parseInt(name.group(2)));
              if (attributes.size() == ExtentFile.fileBytes(extent.length)) {
                found.add(new Found(extent, attributes.lastModifiedTime()));
                return FileVisitResult.CONTINUE;
              }
            }
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            try (var entries = Files.newDirectoryStream(dir)) {
              if (!dir.equals(objects) && !entries.iterator().hasNext()) {
                Files.delete(dir);
              }
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(Comparator.comparing(Found::time));
    return found.stream().map(Found::extent).toList();
  }

  void empty() throws IOException {
    if (!Files.isDirectory(objects)) {
      return;
    }
    List<Path> deepestFirst;
    try (var tree = Files.walk(objects)) {
      deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
