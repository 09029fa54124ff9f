package dev.sheaf.objectstore;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One listing of a folder tree in the order of the keys. A folder sorts as its name with a slash,
 * so that {@code a.b} comes before {@code a/b} as it does in S3. Folders that cannot hold a wanted
 * key are not opened. Not thread-safe.
 */
final class KeyWalk {
  private final String prefix;
  private final String startAfter;
  private final int limit;
  private final List<String> keys = new ArrayList<>();

  KeyWalk(String prefix, String startAfter, int limit) {
    this.prefix = prefix;
    this.startAfter = startAfter;
    this.limit = limit;
  }

  List<String> from(Path root) throws IOException {
    walk(root, "");
    return keys;
  }

  private void walk(Path folder, String folderKey) throws IOException {
    for (String key : children(folder, folderKey)) {
      if (keys.size() >= limit) {
        return;
      }
      if (key.endsWith("/")) {
        walk(folder.resolve(key.substring(folderKey.length(), key.length() - 1)), key);
      } else {
        keys.add(key);
      }
    }
  }

  private List<String> children(Path folder, String folderKey) throws IOException {
    var children = new ArrayList<String>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = String.valueOf(entry.getFileName());
        if (!ObjectKeys.isSegment(name)) {
          continue; // the staging folder, lost+found
        }
        String key = folderKey + name;
        if (Files.isRegularFile(entry)) {
          if (key.startsWith(prefix) && key.compareTo(startAfter) > 0) {
            children.add(key);
          }
        } else if (Files.isDirectory(entry) && mayHold(key + "/")) {
          children.add(key + "/");
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    Collections.sort(children);
    return children;
  }

  private boolean mayHold(String folderKey) {
    boolean underPrefix = folderKey.startsWith(prefix) || prefix.startsWith(folderKey);
    boolean before = folderKey.compareTo(startAfter) < 0 && !startAfter.startsWith(folderKey);
    return underPrefix && !before;
  }
}
