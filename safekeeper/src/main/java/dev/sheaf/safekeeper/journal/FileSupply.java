package dev.sheaf.safekeeper.journal;

import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where the journal's files come from: spares, files of full size made ahead or left over from
 * deleted ones. Going on in a new file is then a write and a rename, and writing to it changes no
 * metadata of the file system. Used by the journal's thread, but for what says otherwise.
 *
 * <p>Spares are made by a thread that lives no longer than that takes. Nobody waits for it but
 * {@link #close}: who needs a file that is not there makes it.
 *
 * <p>The last spares are for {@link #take essential} entries and for starting alone: votes and
 * permissions to forget get through when the disk is full, and what is forgotten makes room again.
 */
final class FileSupply implements AutoCloseable {
  private static final Logger LOG = System.getLogger(FileSupply.class.getName());
  private static final String SUFFIX = ".spare";

  /** Held back for essential entries: one to go on with, one to start again with. */
  private static final int RESERVE = 2;

  private static final int SPARES = RESERVE + 1;

  private final JournalStorage storage;
  private final long fileBytes;
  private final ThreadFactory threads;

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock:
  private final Deque<String> spares = new ArrayDeque<>();
  private long lastNumber;

  /** Makes spares; null when none does. */
  private @Nullable Thread maker;

  private boolean failing;
  private boolean closed;

  private FileSupply(JournalStorage storage, long fileBytes, ThreadFactory threads) {
    this.storage = storage;
    this.fileBytes = fileBytes;
    this.threads = threads;
  }

  /** Takes over the spares that are there; makes none before {@link #replenish}. */
  static FileSupply open(JournalStorage storage, long fileBytes, ThreadFactory threads)
      throws IOException {
    var supply = new FileSupply(storage, fileBytes, threads);
    for (String name : storage.list()) {
      if (name.endsWith(SUFFIX)) {
        supply.adopt(name);
      }
    }
    return supply;
  }

  private void adopt(String name) throws IOException {
    long size;
    try (JournalFile file = storage.open(name)) {
      size = file.size();
    }
    if (size != fileBytes || spares.size() >= SPARES || !name.matches("[0-9a-f]{1,15}\\.spare")) {
      storage.delete(name);
      return;
    }
    spares.add(name);
    String number = name.substring(0, name.length() - SUFFIX.length());
    lastNumber = Math.max(lastNumber, Long.parseLong(number, 16));
  }

  /**
   * A new file of the journal; bytes of an older one may follow its header.
   *
   * @param essential may use the spares held back
   * @throws NoRoomException if there is neither a spare nor room for a file
   */
  JournalFile take(FileHeader header, boolean essential) throws IOException {
    String name = FileHeader.name(header.sequence());
    String spare = header.sizeBytes() == fileBytes ? poll(essential) : "";
    if (spare.isEmpty()) {
      if (!essential) {
        leaveRoomForReserve(header.sizeBytes());
      }
      return storage.create(name, header.encode(), header.sizeBytes());
    }
    try (JournalFile file = storage.open(spare)) {
      file.write(0, ByteBuffer.wrap(header.encode()));
      file.force();
    }
    storage.rename(spare, name);
    return storage.open(name);
  }

  /** Files are needed faster than they are made: then the reserve is not complete yet. */
  private void leaveRoomForReserve(long wantedBytes) throws IOException {
    long missing;
    lock.lock();
    try {
      missing = Math.max(0, RESERVE - spares.size()) * fileBytes;
    } finally {
      lock.unlock();
    }
    long usable = storage.usableBytes();
    if (usable < wantedBytes + missing) {
      throw new NoRoomException("the disk has only %d bytes left".formatted(usable));
    }
  }

  private String poll(boolean essential) {
    lock.lock();
    try {
      return spares.size() > (essential ? 0 : RESERVE) ? spares.removeFirst() : "";
    } finally {
      lock.unlock();
    }
  }

  /** The file is not needed any more. */
  void giveBack(FileHeader header) throws IOException {
    String name = FileHeader.name(header.sequence());
    String spare = "";
    lock.lock();
    try {
      if (header.sizeBytes() == fileBytes && spares.size() < SPARES) {
        spare = nextName();
      }
    } finally {
      lock.unlock();
    }
    if (spare.isEmpty()) {
      storage.delete(name);
      return;
    }
    storage.rename(name, spare);
    add(spare);
  }

  private void add(String spare) {
    lock.lock();
    try {
      spares.add(spare);
      failing = false;
    } finally {
      lock.unlock();
    }
  }

  private String nextName() {
    lock.lock();
    try {
      return Long.toHexString(++lastNumber) + SUFFIX;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the next files are there or can be made. Thread-safe. */
  boolean hasRoom() throws IOException {
    lock.lock();
    try {
      if (spares.size() >= SPARES) {
        return true;
      }
    } finally {
      lock.unlock();
    }
    return storage.usableBytes() > SPARES * fileBytes;
  }

  // ---- making spares

  /** Has missing spares made, unless that is under way. */
  void replenish() {
    lock.lock();
    try {
      if (maker == null && !closed && spares.size() < SPARES) {
        Thread thread = threads.newThread(this::make);
        thread.start();
        maker = thread; // only one that runs; it waits for this lock before it looks
      }
    } finally {
      lock.unlock();
    }
  }

  private void make() {
    try {
      while (isMissing()) {
        String name = nextName();
        storage.create(name, new byte[0], fileBytes).close();
        add(name);
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    } catch (Error e) {
      failed(e);
      throw e; // for the thread's handler, which knows more than this class does
    }
  }

  /** Under one lock with {@link #replenish}: either this thread sees that more is wanted, or it. */
  private boolean isMissing() {
    lock.lock();
    try {
      boolean missing = !closed && spares.size() < SPARES;
      if (!missing) {
        maker = null;
      }
      return missing;
    } finally {
      lock.unlock();
    }
  }

  /** It will be tried again when the next file is taken. */
  private void failed(Throwable error) {
    lock.lock();
    try {
      if (!failing) {
        LOG.log(Level.WARNING, "no file can be made ahead: {0}", error.getMessage());
      }
      failing = true;
      maker = null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    Thread last;
    lock.lock();
    try {
      closed = true;
      last = maker;
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (last != null && last.isAlive()) {
      try {
        last.join();
      } catch (InterruptedException e) {
        interrupted = true; // a file half made would be left behind
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
