package dev.sheaf.objectstore.cache;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Ranges of immutable objects on a local disk, bounded in bytes and kept over restarts. What it
 * answers was verified; a damaged file is dropped, and the range is then a miss.
 *
 * <p>Files are written in the background, one at a time, from a queue with a bound in bytes: what
 * does not fit in is not kept. When the volume has less than a reserve left, nothing is kept until
 * there is room again; when a write fails, the cache is emptied and stays off until the next start.
 * No failure of the disk ever reaches a reader. Thread-safe.
 */
public final class DiskCache implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DiskCache.class.getName());

  private final Path root;
  private final Limits limits;
  private final Executor executor;
  private final ExtentIndex index;
  private final @Nullable CacheFolder folder;

  /** Guards the queue. */
  private final Object lock = new Object();

  private final Queue<Task> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean draining;

  private volatile boolean on;
  private boolean shortOfSpace;
  private final AtomicBoolean toldOfDamage = new AtomicBoolean();

  private final LongAdder hits = new LongAdder();
  private final LongAdder hitBytes = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private final LongAdder skippedBytes = new LongAdder();
  private final LongAdder damaged = new LongAdder();

  private DiskCache(
      Path root, Limits limits, Executor executor, @Nullable CacheFolder folder, boolean on) {
    this.root = root;
    this.limits = limits;
    this.executor = executor;
    this.index = new ExtentIndex(limits.capacityBytes(), limits.indexBytes());
    this.folder = folder;
    this.on = on;
  }

  /**
   * @param capacityBytes that the files may take
   * @param indexBytes that the list of them may take in memory
   * @param reserveBytes that others shall find free on the volume
   * @param queueBytes that may wait in memory to be written
   */
  public record Limits(long capacityBytes, long indexBytes, long reserveBytes, long queueBytes) {}

  /**
   * Counters since the start, and the bytes on disk now.
   *
   * @param skippedBytes not kept: the queue or the volume was full
   * @param damaged files that were not what had been written
   * @param on false once a write has failed
   */
  public record Stats(
      long hits,
      long hitBytes,
      long misses,
      long writtenBytes,
      long skippedBytes,
      long damaged,
      long usedBytes,
      boolean on) {}

  /** What the writer does next. */
  private sealed interface Task {
    record Write(Extent extent, byte[] payload) implements Task {}

    record Delete(Extent extent) implements Task {}
  }

  /**
   * Opens the folder with what is left in it from before. One that cannot be used is logged, and
   * the cache stays off.
   *
   * @param folder of this process alone
   * @param store tells object stores apart: the files of another one are deleted
   * @param executor runs one task at a time, which waits for the disk
   */
  public static DiskCache open(Path folder, String store, Limits limits, Executor executor) {
    try {
      CacheFolder opened = CacheFolder.open(folder, store);
      var cache = new DiskCache(folder, limits, executor, opened, true);
      for (Extent survivor : opened.survivors()) {
        for (Extent dropped : cache.index.add(survivor)) {
          opened.delete(dropped);
        }
      }
      return cache;
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "no disk cache: the folder " + folder + " cannot be used: " + e);
      return new DiskCache(folder, limits, executor, null, false);
    }
  }

  /** The bytes, if all of them are there and whole; a fresh array. */
  public byte @Nullable [] get(String key, long offset, int length) {
    if (!on || length == 0) {
      return null;
    }
    byte[] bytes = find(key, offset, length);
    if (bytes == null) {
      misses.increment();
    } else {
      hits.increment();
      hitBytes.add(length);
    }
    return bytes;
  }

  private byte @Nullable [] find(String key, long offset, int length) {
    long end = offset + length;
    byte[] whole = null;
    for (Extent extent : index.covering(key, offset, end)) {
      long from = Math.max(offset, extent.offset);
      long to = Math.min(end, extent.end());
      byte[] part = read(extent, from, to);
      if (part == null) {
        return null;
      }
      if (part.length == length) {
        return part;
      }
      whole = whole == null ? new byte[length] : whole;
      System.arraycopy(part, 0, whole, (int) (from - offset), part.length);
    }
    return whole;
  }

  private byte @Nullable [] read(Extent extent, long from, long to) {
    CacheFolder files = folder;
    if (files == null) {
      return null;
    }
    try {
      byte[] part = ExtentFile.read(files.file(extent), extent, from, to);
      if (part == null) {
        dropDamaged(extent, files.file(extent) + " is not what was written");
      }
      return part;
    } catch (ClosedByInterruptException e) {
      return null; // the reader is to stop: the file is as it was
    } catch (IOException e) {
      if (!extent.dropped) { // read without the lock: at worst a file is dropped that has gone
        dropDamaged(extent, e.toString());
      }
      return null;
    }
  }

  private void dropDamaged(Extent extent, String what) {
    damaged.increment();
    // The first one in words, the others as a metric: a dying disk has many.
    LOG.log(
        toldOfDamage.getAndSet(true) ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
        "dropped a file of the disk cache: {0}",
        what);
    forget(extent.key, extent.offset, extent.length);
  }

  /** Keeps a range, soon; the array must not be changed any more. */
  public void put(String key, long offset, byte[] bytes) {
    if (!on || bytes.length == 0 || bytes.length > limits.capacityBytes() / 4) {
      return;
    }
    synchronized (lock) {
      if (queuedBytes + bytes.length > limits.queueBytes()) {
        skippedBytes.add(bytes.length);
        return;
      }
      queuedBytes += bytes.length;
    }
    enqueue(new Task.Write(new Extent(key, offset, bytes.length), bytes));
  }

  /** Drops what overlaps a range. */
  public void forget(String key, long offset, int length) {
    index.remove(key, offset, offset + length).forEach(e -> enqueue(new Task.Delete(e)));
  }

  /** Drops what there is of an object. */
  public void forget(String key) {
    index.remove(key, 0, Long.MAX_VALUE).forEach(e -> enqueue(new Task.Delete(e)));
  }

  private void enqueue(Task task) {
    synchronized (lock) {
      queue.add(task);
      if (draining) {
        return;
      }
      draining = true;
    }
    try {
      executor.execute(this::drain);
    } catch (RejectedExecutionException e) {
      synchronized (lock) {
        draining = false; // the process is stopping
        queue.clear();
      }
    }
  }

  private void drain() {
    while (true) {
      Task task;
      synchronized (lock) {
        task = queue.poll();
        if (task == null) {
          draining = false;
          return;
        }
        if (task instanceof Task.Write(Extent unused, byte[] payload)) {
          queuedBytes -= payload.length;
        }
      }
      CacheFolder files = folder;
      if (on && files != null) {
        try {
          run(task, files);
        } catch (IOException e) {
          if (on) { // else the process is stopping, which may interrupt us
            turnOff(files, e);
          }
        }
      }
    }
  }

  private void run(Task task, CacheFolder files) throws IOException {
    switch (task) {
      case Task.Write(Extent extent, byte[] payload) -> {
        if (!hasRoom(files, payload.length)) {
          skippedBytes.add(payload.length);
          return;
        }
        files.write(extent, payload);
        writtenBytes.add(payload.length);
        delete(index.add(extent), files);
      }
      case Task.Delete(Extent extent) -> delete(List.of(extent), files);
    }
  }

  private void delete(List<Extent> extents, CacheFolder files) throws IOException {
    for (Extent extent : extents) {
      if (!index.isReplaced(extent)) {
        files.delete(extent);
      }
    }
  }

  private boolean hasRoom(CacheFolder files, int bytes) throws IOException {
    boolean room =
        Files.getFileStore(files.root()).getUsableSpace() - bytes >= limits.reserveBytes();
    if (room == shortOfSpace) {
      shortOfSpace = !room;
      LOG.log(
          room ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
          room
              ? "the disk cache in {0} grows again"
              : "the disk cache in {0} does not grow: its volume has too little space left",
          root);
    }
    return room;
  }

  private void turnOff(CacheFolder files, IOException e) {
    on = false;
    LOG.log(
        System.Logger.Level.WARNING,
        "the disk cache in " + root + " is off until the next start: " + e);
    index.clear();
    try {
      files.empty();
    } catch (IOException more) {
      LOG.log(System.Logger.Level.WARNING, "it cannot be emptied either: " + more);
    }
  }

  public Stats stats() {
    return new Stats(
        hits.sum(),
        hitBytes.sum(),
        misses.sum(),
        writtenBytes.sum(),
        skippedBytes.sum(),
        damaged.sum(),
        index.usedBytes(),
        on);
  }

  public long capacityBytes() {
    return limits.capacityBytes();
  }

  /** Nothing more is kept; the files stay for the next start. */
  @Override
  public void close() {
    on = false;
    synchronized (lock) {
      queue.clear();
      queuedBytes = 0;
    }
  }
}
