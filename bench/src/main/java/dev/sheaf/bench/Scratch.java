package dev.sheaf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder for the servers of one benchmark, on the disk to be measured; removed at the end. */
record Scratch(Path folder) implements AutoCloseable {

  /**
   * @param parent null = below {@code bench/target}
   */
  static Scratch in(@Nullable Path parent) throws IOException {
    Path chosen = parent == null ? Path.of("bench", "target") : parent;
    return new Scratch(
        Files.createTempDirectory(Files.createDirectories(chosen.toAbsolutePath()), "bench-"));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
