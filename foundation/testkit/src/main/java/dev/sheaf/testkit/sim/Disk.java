package dev.sheaf.testkit.sim;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * A disk that outlives the processes on it and knows what was synced. A crash of the machine loses
 * writes since, or leaves them torn: any of their sectors may have reached the disk. Creating and
 * deleting files is durable at once, as {@code JournalStorage} demands of its adapters.
 */
public final class Disk {
  private static final int SECTOR_BYTES = 64;

  /** By identity: two writes may hold the same. */
  private static final class Write {
    final int position;
    final byte[] bytes;

    Write(int position, byte[] bytes) {
      this.position = position;
      this.bytes = bytes;
    }
  }

  private static final class Content {
    byte[] durable = new byte[0];
    byte[] current = new byte[0];
    final List<Write> unsynced = new ArrayList<>();

    /** Where the writes of the last sync end, and those of the syncs before it. */
    int syncedEnd;

    int settledEnd;
  }

  private final Simulation simulation;
  private final TreeMap<String, Content> files = new TreeMap<>();
  private Faults faults;
  private boolean full;
  private boolean mayRot;
  private int errors;

  public Disk(Simulation simulation, Faults faults) {
    this.simulation = simulation;
    this.faults = faults;
  }

  public void setFaults(Faults next) {
    faults = next;
  }

  /** While full, no file can be created. */
  public void setFull(boolean isFull) {
    full = isFull;
  }

  public boolean isFull() {
    return full;
  }

  /** Lets bits turn on this disk: of one disk at most, or there is no majority to repair from. */
  public void letRot() {
    mayRot = true;
  }

  /** Errors of fsync so far. */
  public int errors() {
    return errors;
  }

  /** Power is lost: what was not synced is gone, or partly there. */
  public void crash() {
    for (Content content : files.values()) {
      byte[] bytes = content.durable.clone();
      for (Write write : content.unsynced) {
        for (int at = 0; at < write.bytes.length; at += SECTOR_BYTES) {
          if (simulation.chance(faults.diskTorn())) {
            int length = Math.min(SECTOR_BYTES, write.bytes.length - at);
            System.arraycopy(write.bytes, at, bytes, write.position + at, length);
          }
        }
      }
      content.durable = bytes;
      content.current = bytes.clone();
      content.unsynced.clear();
    }
    if (mayRot && simulation.chance(faults.diskFlip())) {
      flipABit();
    }
  }

  /**
   * Only in what was settled when more was synced after it: nothing can tell damage in the last
   * write from one that was torn.
   */
  private void flipABit() {
    List<Content> old = files.values().stream().filter(each -> each.settledEnd > 0).toList();
    if (!old.isEmpty()) {
      Content content = old.get(simulation.random().nextInt(old.size()));
      int at = simulation.random().nextInt(content.settledEnd);
      content.current[at] ^= (byte) (1 << simulation.random().nextInt(8));
      content.durable = content.current.clone();
      simulation.note("", "a bit turns on a disk");
    }
  }

  /** A new disk in place of this one. */
  public void wipe() {
    files.clear();
  }

  public List<String> list() {
    return List.copyOf(files.keySet());
  }

  public File create(String name, byte[] beginning, long sizeBytes) throws IOException {
    pause(0.1, 0.5);
    if (full) {
      throw new IOException("no space left for " + name);
    }
    Content content = new Content();
    content.durable = Arrays.copyOf(beginning, (int) sizeBytes);
    content.current = content.durable.clone();
    files.put(name, content);
    return new File(name, content);
  }

  public File open(String name) throws IOException {
    Content content = files.get(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    return new File(name, content);
  }

  /** At once and for good: the journal's adapter fsyncs the folder. */
  public void rename(String from, String to) throws IOException {
    Content content = files.remove(from);
    if (content == null) {
      throw new NoSuchFileException(from);
    }
    files.put(to, content);
  }

  public void delete(String name) throws IOException {
    if (files.remove(name) == null) {
      throw new NoSuchFileException(name);
    }
  }

  private void pause(double fromMillis, double toMillis) {
    SimThread thread = SimThread.current();
    if (thread != null) {
      thread.sleep(simulation.betweenMillis(fromMillis, toMillis));
    }
  }

  private static void checkAlive() {
    SimThread thread = SimThread.current();
    if (thread != null) {
      thread.checkAlive();
    }
  }

  /** One open file. */
  public final class File {
    private final String name;
    private final Content content;

    private File(String name, Content content) {
      this.name = name;
      this.content = content;
    }

    public long size() {
      return content.current.length;
    }

    public void write(long position, ByteBuffer bytes) throws IOException {
      checkAlive();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      if (position + copy.length > content.current.length) {
        throw new IOException(name + " would grow");
      }
      System.arraycopy(copy, 0, content.current, (int) position, copy.length);
      content.unsynced.add(new Write((int) position, copy));
    }

    /**
     * What is written while this waits is not covered by it. After an error the writes look clean,
     * so that no later call covers them either: as on Linux.
     */
    public void force() throws IOException {
      List<Write> covered = List.copyOf(content.unsynced);
      pause(0.05, simulation.random().nextInt(50) == 0 ? 50 : faults.fsyncMillis());
      if (simulation.chance(faults.diskError())) {
        errors++;
        content.unsynced.removeAll(covered);
        throw new IOException("fsync of " + name + " failed");
      }
      for (Write write : covered) {
        System.arraycopy(write.bytes, 0, content.durable, write.position, write.bytes.length);
      }
      if (!covered.isEmpty()) {
        content.settledEnd = content.syncedEnd;
        content.syncedEnd =
            covered.stream().mapToInt(each -> each.position + each.bytes.length).max().getAsInt();
      }
      content.unsynced.removeAll(covered);
    }

    public byte[] read(long position, int length) throws IOException {
      checkAlive();
      if (position + length > content.current.length) {
        throw new EOFException(name);
      }
      return Arrays.copyOfRange(content.current, (int) position, (int) position + length);
    }
  }
}
