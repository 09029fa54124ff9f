package dev.sheaf.server;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.columnar.segment.WarmUp;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Fetches in the background what the process before this one had in memory and used again and
 * again, and writes down from time to time what this one uses.
 */
final class WarmStart implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(WarmStart.class.getName());
  private static final long SAVE_SECONDS = 60;

  /** What is hot by then has been fetched by those who need it. */
  private static final long RESTORE_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** A list that names a million pages is shorter. */
  private static final long MOST_LIST_BYTES = 16L << 20;

  private final Path folder;
  private final String name;
  private final BlockCache cache;
  private final LongSupplier nanos;
  private final ScheduledFuture<?> saving;
  private boolean restored;
  private volatile boolean stopping;

  private WarmStart(
      Path folder, String name, SegmentReads reads, ServerThreads threads, LongSupplier nanos) {
    this.folder = folder;
    this.name = name;
    this.cache = reads.cache();
    this.nanos = nanos;
    threads.blocking().execute(() -> restore(reads.segments()));
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
  static WarmStart begin(
      Path folder, String name, SegmentReads reads, ServerThreads threads, LongSupplier nanos) {
    return new WarmStart(folder, name + ".warm", reads, threads, nanos);
  }

  /** Half of the cache: the rest is for what is asked for now. */
  private long limitBytes() {
    return cache.capacityBytes() / 2;
  }

  private void restore(Segments segments) {
    long begun = nanos.getAsLong();
    try {
      Path file = folder.resolve(name);
      if (Files.exists(file) && Files.size(file) <= MOST_LIST_BYTES) {
        long bytes =
            WarmUp.restore(
                Files.readAllBytes(file),
                segments,
                limitBytes(),
                () -> stopping || nanos.getAsLong() - begun > RESTORE_NANOS);
        LOG.log(System.Logger.Level.INFO, "fetched {0} bytes that were hot before", bytes);
      }
    } catch (IOException | SheafException e) {
      LOG.log(System.Logger.Level.INFO, "begins cold: " + e.getMessage());
    } finally {
      synchronized (this) {
        restored = !stopping;
      }
    }
  }

  /** Not before the old list is used: it would be lost if the process ended soon. */
  private synchronized void save() {
    if (!restored) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path draft = folder.resolve(name + ".new");
      Files.write(draft, WarmUp.list(cache, limitBytes()));
      Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
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
