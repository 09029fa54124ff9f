package dev.sheaf.server;

import dev.sheaf.columnar.segment.HotPages;
import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Has fetched in the background what the process before this one had in memory and used again and
 * again, and writes down from time to time what this one uses.
 */
final class WarmStart implements WarmUps.Job, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WarmStart.class.getName());
  private static final long SAVE_SECONDS = 60;

  private final Path folder;
  private final String fileName;
  private final WarmUps warmUps;
  private final ScheduledFuture<?> saving;
  private boolean restored;
  private volatile boolean stopping;

  private WarmStart(Path folder, String fileName, WarmUps warmUps, ServerThreads threads) {
    this.folder = folder;
    this.fileName = fileName;
    this.warmUps = warmUps;
    this.saving =
        threads
            .timer()
            .scheduleWithFixedDelay(
                () -> threads.blocking().execute(this::save),
                SAVE_SECONDS,
                SAVE_SECONDS,
                TimeUnit.SECONDS);
  }

  /**
   * @param folder need not exist
   * @param name of this process alone in the folder
   */
  static WarmStart begin(Path folder, String name, WarmUps warmUps, ServerThreads threads) {
    var start = new WarmStart(folder, name + ".warm", warmUps, threads);
    warmUps.begin(start);
    return start;
  }

  @Override
  public String name() {
    return "this process";
  }

  @Override
  public HotPages list() {
    Path file = folder.resolve(fileName);
    try {
      if (!Files.exists(file)) {
        return HotPages.NONE;
      }
      if (Files.size(file) > HotPages.MOST_BYTES) {
        throw new SheafException(ErrorCode.DATA_CORRUPTED, file + " is longer than any list is");
      }
      return HotPages.decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, file + " cannot be read: " + e, e);
    }
  }

  @Override
  public boolean isStopped() {
    return stopping;
  }

  @Override
  public synchronized void ended() {
    restored = !stopping;
  }

  /** Not before the old list is used: it would be lost if the process ended soon. */
  private synchronized void save() {
    if (!restored) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path draft = folder.resolve(fileName + ".new");
      Files.write(draft, warmUps.hottest().encode());
      Files.move(draft, folder.resolve(fileName), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the list of hot pages cannot be written: " + e);
    }
  }

  @Override
  public void close() {
    stopping = true;
    boolean unused = saving.cancel(false);
    save();
  }
}
