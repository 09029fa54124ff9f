package dev.sheaf.safekeeper.journal;

import dev.sheaf.safekeeper.journal.JournalStorage.JournalFile;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadFactory;

/**
 * Where the journal's files come from: spares, files of full size made ahead by a thread of their
 * own or left over from deleted ones. Going on in a new file is then a write and a rename, and
 * writing to it changes no metadata of the file system. Thread-safe.
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
  private final Thread thread;

  // Guarded by this:
  private final Deque<String> spares = new ArrayDeque<>();
  private long lastNumber;
  private boolean wanting = true;
  private boolean failing;
  private boolean closing;

  private FileSupply(JournalStorage storage, long fileBytes, ThreadFactory threads) {
    this.storage = storage;
    this.fileBytes = fileBytes;
    this.thread = threads.newThread(this::run);
  }

  /** Takes over the spares that are there, and begins to make what is missing. */
  static FileSupply open(JournalStorage storage, long fileBytes, ThreadFactory threads)
      throws IOException {
    var supply = new FileSupply(storage, fileBytes, threads);
    for (String name : storage.list()) {
      if (name.endsWith(SUFFIX)) {
        supply.adopt(name);
      }
    }
    supply.thread.start();
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
    synchronized (this) {
      missing = Math.max(0, RESERVE - spares.size()) * fileBytes;
    }
    long usable = storage.usableBytes();
    if (usable < wantedBytes + missing) {
      throw new NoRoomException("the disk has only %d bytes left".formatted(usable));
    }
  }

  private synchronized String poll(boolean essential) {
    wanting = true;
    notifyAll();
    return spares.size() > (essential ? 0 : RESERVE) ? spares.removeFirst() : "";
  }

  /** The file is not needed any more. */
  void giveBack(FileHeader header) throws IOException {
    String name = FileHeader.name(header.sequence());
    String spare = "";
    synchronized (this) {
      if (header.sizeBytes() == fileBytes && spares.size() < SPARES) {
        spare = nextName();
      }
    }
    if (spare.isEmpty()) {
      storage.delete(name);
      return;
    }
    storage.rename(name, spare);
    synchronized (this) {
      spares.add(spare);
    }
  }

  private synchronized String nextName() {
    return Long.toHexString(++lastNumber) + SUFFIX;
  }

  /** Whether the next files are there or can be made. */
  boolean hasRoom() throws IOException {
    synchronized (this) {
      if (spares.size() >= SPARES) {
        return true;
      }
    }
    return storage.usableBytes() > SPARES * fileBytes;
  }

  // ---- the thread that makes spares

  private void run() {
    while (awaitWant()) {
      String name = nextName();
      try {
        storage.create(name, new byte[0], fileBytes).close();
      } catch (IOException e) {
        failed(e);
        continue;
      }
      synchronized (this) {
        spares.add(name);
        failing = false;
      }
    }
  }

  /** It will be tried again when the next file is taken. */
  private synchronized void failed(IOException error) {
    if (!failing) {
      LOG.log(Level.WARNING, "no file can be made ahead: {0}", error.getMessage());
    }
    failing = true;
    wanting = false;
  }

  /** Waits until a spare is missing; false when closing. */
  private synchronized boolean awaitWant() {
    boolean interrupted = false;
    while (!closing && !(wanting && spares.size() < SPARES)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
        closing = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !closing;
  }

  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // a file half made would be left behind
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
