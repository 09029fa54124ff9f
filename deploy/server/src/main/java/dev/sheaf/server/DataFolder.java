package dev.sheaf.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of everything that lasts, held by one process at a time.
 *
 * <pre>
 * data/
 *   sheaf.format      "sheaf data folder, format 1": marks the folder as ours
 *   sheaf.lock        empty; locked by the process that holds the folder, so a crash lets go of it
 *   sheaf.holder      who that is, for people: process, since when, host, addresses
 *   coordination/     small facts
 *   objects/          the object store
 *   safekeeper-1/     the log's tail; up to safekeeper-3
 *   cache/            copies of objects in a distant store; may be deleted while stopped
 *   scratch/          files in the making; emptied at start
 *   import/           what COPY may read and write, unless set otherwise
 *   logs/             sheaf.log and its predecessors
 * </pre>
 *
 * <p>A folder that is not ours is refused before anything is written to it.
 */
final class DataFolder implements AutoCloseable {
  private static final String FORMAT_FILE = "sheaf.format";
  private static final String LOCK_FILE = "sheaf.lock";
  private static final String HOLDER_FILE = "sheaf.holder";
  private static final String FORMAT_TEXT = "sheaf data folder, format ";
  private static final int FORMAT = 1;

  private final Path root;
  private final Use use;
  private final @Nullable FileChannel channel;

  /** What is done with the folder. */
  private enum Use {
    KEEP,
    DELETE_AT_END,
    READ
  }

  /**
   * @param channel whose lock ends with it; null: the folder has never been locked
   */
  private DataFolder(Path root, Use use, @Nullable FileChannel channel) {
    this.root = root;
    this.use = use;
    this.channel = channel;
  }

  /**
   * Takes a folder, creating it if it is absent.
   *
   * @param holder lines that tell others who we are
   * @throws StartFailure {@link ExitCode#DATA_FOLDER} held by another process, not ours, of a newer
   *     format, or not writable
   */
  static DataFolder open(Path folder, List<String> holder) {
    return open(folder, Use.KEEP, holder);
  }

  /** Takes a new temporary folder, which is deleted at the end. */
  static DataFolder temporary(List<String> holder) {
    try {
      return open(Files.createTempDirectory("sheaf-"), Use.DELETE_AT_END, holder);
    } catch (IOException e) {
      throw failure("cannot create a temporary folder", e);
    }
  }

  /**
   * Takes a folder that is there, to be read: nothing in it is changed. Several processes can do so
   * at a time, but none beside a server.
   *
   * @throws StartFailure {@link ExitCode#DATA_FOLDER} held by a server, not ours, of a newer
   *     format, or not readable
   */
  static DataFolder forReading(Path folder) {
    Path root = folder.toAbsolutePath().normalize();
    if (!Files.exists(root.resolve(FORMAT_FILE))) {
      throw failure(root + " is not a data folder of Sheaf: it has no " + FORMAT_FILE, null);
    }
    try {
      refuseForeign(root);
      Path file = root.resolve(LOCK_FILE);
      if (!Files.exists(file)) {
        return new DataFolder(root, Use.READ, null); // a copy, perhaps
      }
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      if (lock(channel, true) == null) {
        channel.close();
        throw held(root);
      }
      return new DataFolder(root, Use.READ, channel);
    } catch (IOException e) {
      throw failure("data folder " + root + " cannot be read", e);
    }
  }

  private static DataFolder open(Path folder, Use use, List<String> holder) {
    Path root = folder.toAbsolutePath().normalize();
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw failure("data folder " + root + " is not a folder", null);
    }
    try {
      Files.createDirectories(root);
      refuseForeign(root);
      FileChannel channel =
          FileChannel.open(
              root.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(channel, false) == null) {
        channel.close();
        throw held(root);
      }
      var taken = new DataFolder(root, use, channel);
      if (!Files.exists(root.resolve(FORMAT_FILE))) {
        taken.write(FORMAT_FILE, List.of(FORMAT_TEXT + FORMAT));
      }
      taken.describe(holder);
      return taken;
    } catch (IOException e) {
      throw failure("data folder " + root + " cannot be used", e);
    }
  }

  private static void refuseForeign(Path root) throws IOException {
    Path marker = root.resolve(FORMAT_FILE);
    if (Files.exists(marker)) {
      String text = Files.readString(marker).strip();
      if (!text.startsWith(FORMAT_TEXT)) {
        throw failure(marker + " is not a format marker of Sheaf: " + shortened(text), null);
      }
      if (!text.equals(FORMAT_TEXT + FORMAT)) {
        throw failure(
            "data folder "
                + root
                + " has format "
                + shortened(text.substring(FORMAT_TEXT.length()))
                + ", this version of Sheaf knows format "
                + FORMAT
                + " only",
            null);
      }
      return;
    }
    // Our own first files may be there after a start that was cut short.
    try (Stream<Path> entries = Files.list(root)) {
      String foreign =
          entries
              .map(entry -> String.valueOf(entry.getFileName()))
              .filter(name -> !name.startsWith("sheaf.") && !name.equals("lost+found"))
              .sorted()
              .limit(3)
              .collect(Collectors.joining(", "));
      if (!foreign.isEmpty()) {
        throw failure(
            "folder "
                + root
                + " is not empty and not a data folder of Sheaf (it holds "
                + foreign
                + "): name another one with sheaf.data",
            null);
      }
    }
  }

  private static String shortened(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }

  private static @Nullable FileLock lock(FileChannel channel, boolean shared) throws IOException {
    try {
      return channel.tryLock(0, Long.MAX_VALUE, shared);
    } catch (OverlappingFileLockException e) {
      // Held by this very process.
      return null;
    }
  }

  private static StartFailure held(Path root) {
    String holder;
    try {
      holder = String.join(", ", Files.readAllLines(root.resolve(HOLDER_FILE)));
    } catch (IOException e) {
      holder = "a process that has not told who it is";
    }
    return failure("data folder " + root + " is in use by " + shortenedHolder(holder), null);
  }

  private static String shortenedHolder(String holder) {
    return holder.length() > 400 ? holder.substring(0, 400) + "..." : holder;
  }

  private static StartFailure failure(String message, @Nullable IOException cause) {
    return new StartFailure(
        ExitCode.DATA_FOLDER, cause == null ? message : message + ": " + reason(cause), cause);
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /** Replaces the lines that a second process on this folder gets to read. */
  void describe(List<String> holder) {
    try {
      write(HOLDER_FILE, holder);
    } catch (IOException e) {
      throw failure("data folder " + root + " cannot be written", e);
    }
  }

  /** Writes a small file as a whole. */
  private void write(String name, List<String> lines) throws IOException {
    Path draft = root.resolve(name + ".new");
    Files.write(draft, lines);
    try (FileChannel file = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(draft, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  Path root() {
    return root;
  }

  Path coordination() {
    return root.resolve("coordination");
  }

  Path objects() {
    return root.resolve("objects");
  }

  Path safekeeper(int number) {
    return root.resolve("safekeeper-" + number);
  }

  /** An empty folder for files in the making. */
  Path emptyScratch() {
    Path scratch = root.resolve("scratch");
    try {
      deleteTree(scratch);
      return Files.createDirectories(scratch);
    } catch (IOException e) {
      throw failure("folder " + scratch + " cannot be emptied", e);
    }
  }

  Path cache() {
    return root.resolve("cache");
  }

  /** Made on first use. */
  Path spill() {
    return root.resolve("scratch").resolve("queries");
  }

  Path imports() {
    return root.resolve("import");
  }

  Path logFile() {
    return root.resolve("logs").resolve("sheaf.log");
  }

  /** Lets go of the folder; deletes it if it was temporary. */
  @Override
  public void close() {
    try {
      if (use != Use.READ) {
        Files.deleteIfExists(root.resolve(HOLDER_FILE));
      }
      if (use == Use.DELETE_AT_END) {
        deleteTree(root);
      }
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw failure("data folder " + root + " cannot be let go of", e);
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> tree = Files.walk(folder)) {
      deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
