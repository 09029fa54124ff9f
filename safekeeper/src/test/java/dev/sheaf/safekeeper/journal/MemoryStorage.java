package dev.sheaf.safekeeper.journal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** A disk in memory that knows what was fsynced, and fails when told to. Thread-safe. */
public final class MemoryStorage implements JournalStorage {
  private static final int SECTOR_BYTES = 64;

  private record Write(long position, byte[] bytes) {}

  private static final class Content {
    byte[] durable = new byte[0];
    byte[] current = new byte[0];
    final List<Write> unsynced = new ArrayList<>();
  }

  private final TreeMap<String, Content> files = new TreeMap<>();
  private int forces;
  private boolean held;
  private int forcesUntilFailure = Integer.MAX_VALUE;
  private boolean failureCleans;
  private long limitBytes = Long.MAX_VALUE;
  private int createsOutOfMemory;

  /** The disk's size. */
  public synchronized void limitBytes(long bytes) {
    limitBytes = bytes;
  }

  /** So many files from now on cannot be created for want of the process's memory. */
  public synchronized void failCreates(int count) {
    createsOutOfMemory = count;
  }

  /** The n-th fsync from now on fails, and each after it; 1 = the next one. */
  public synchronized void failForce(int n) {
    failForce(n, false);
  }

  /**
   * Likewise.
   *
   * @param cleaning whether what it should have made durable looks clean from then on, so that no
   *     later fsync covers it: as on Linux. Otherwise it is as if the process died in it.
   */
  public synchronized void failForce(int n, boolean cleaning) {
    forcesUntilFailure = n;
    failureCleans = cleaning;
  }

  /** No fsync fails any more. */
  public synchronized void mendForces() {
    forcesUntilFailure = Integer.MAX_VALUE;
  }

  /** Each fsync from now on waits for {@link #releaseForces}. */
  public synchronized void holdForces() {
    held = true;
  }

  public synchronized void releaseForces() {
    held = false;
    notifyAll();
  }

  public synchronized int forces() {
    return forces;
  }

  /** What a crash leaves: the synced bytes, and some sectors of the writes since. */
  public synchronized MemoryStorage crash(Random random) {
    MemoryStorage after = new MemoryStorage();
    files.forEach((name, content) -> {
      byte[] bytes = content.durable.clone();
      for (Write write : content.unsynced) {
        for (int at = 0; at < write.bytes.length; at += SECTOR_BYTES) {
          if (random.nextBoolean()) {
            int length = Math.min(SECTOR_BYTES, write.bytes.length - at);
            System.arraycopy(write.bytes, at, bytes, (int) write.position + at, length);
          }
        }
      }
      after.put(name, bytes);
    });
    return after;
  }

  /** A copy with everything written, synced or not: what the death of the process leaves. */
  public synchronized MemoryStorage copy() {
    MemoryStorage copy = new MemoryStorage();
    files.forEach((name, content) -> copy.put(name, content.current.clone()));
    return copy;
  }

  public synchronized byte[] bytes(String name) {
    return files.get(name).current.clone();
  }

  public synchronized void put(String name, byte[] bytes) {
    Content content = new Content();
    content.durable = bytes.clone();
    content.current = bytes.clone();
    files.put(name, content);
  }

  public synchronized long totalBytes() {
    return files.values().stream().mapToLong(content -> content.current.length).sum();
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(files.keySet());
  }

  @Override
  public synchronized JournalFile create(String name, byte[] beginning, long sizeBytes)
      throws IOException {
    if (createsOutOfMemory > 0) {
      createsOutOfMemory--;
      throw new OutOfMemoryError("as the test wants it");
    }
    if (sizeBytes > usableBytes()) {
      throw new NoRoomException("the disk in memory is full");
    }
    put(name, Arrays.copyOf(beginning, (int) sizeBytes));
    return new MemoryFile(name, files.get(name));
  }

  @Override
  public synchronized JournalFile open(String name) throws IOException {
    Content content = files.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    return new MemoryFile(name, content);
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    Content content = files.remove(from);
    if (content == null) {
      throw new NoSuchFileException(from);
    }
    files.put(to, content);
  }

  @Override
  public synchronized long usableBytes() {
    return limitBytes - totalBytes();
  }

  /** Names of the journal's own files: without those made ahead. */
  public synchronized List<String> journalFiles() {
    return files.keySet().stream().filter(name -> name.endsWith(".journal")).toList();
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    if (files.remove(name) == null) {
      throw new NoSuchFileException(name);
    }
  }

  @Override
  public void close() {}

  private synchronized void awaitRelease() throws IOException {
    try {
      while (held) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private final class MemoryFile implements JournalFile {
    private final String name;
    private final Content content;

    MemoryFile(String name, Content content) {
      this.name = name;
      this.content = content;
    }

    @Override
    public long size() {
      synchronized (MemoryStorage.this) {
        return content.current.length;
      }
    }

    @Override
    public void write(long position, ByteBuffer bytes) throws IOException {
      synchronized (MemoryStorage.this) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        if (position + copy.length > content.current.length) {
          throw new IOException(name + " would grow");
        }
        System.arraycopy(copy, 0, content.current, (int) position, copy.length);
        content.unsynced.add(new Write(position, copy));
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (MemoryStorage.this) {
        forces++;
        awaitRelease();
        if (--forcesUntilFailure <= 0) {
          if (failureCleans) {
            content.unsynced.clear();
          }
          throw new IOException("fsync of " + name + " failed");
        }
        for (Write write : content.unsynced) {
          int length = write.bytes.length;
          System.arraycopy(write.bytes, 0, content.durable, (int) write.position, length);
        }
        content.unsynced.clear();
      }
    }

    @Override
    public byte[] read(long position, int length) throws IOException {
      synchronized (MemoryStorage.this) {
        if (position + length > content.current.length) {
          throw new EOFException(name);
        }
        return Arrays.copyOfRange(content.current, (int) position, (int) position + length);
      }
    }

    @Override
    public void close() {}
  }
}
