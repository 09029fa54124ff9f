package dev.sheaf.log.breach;

import java.nio.file.Files;
import java.nio.file.Path;

/** Touches files inside the log's state machines. */
public final class FileReader {
  public boolean read() {
    return Files.exists(Path.of("journal"));
  }
}
