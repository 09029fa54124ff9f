package dev.sheaf.system.sim;

import dev.sheaf.safekeeper.journal.JournalStorage;
import dev.sheaf.safekeeper.journal.NoRoomException;
import dev.sheaf.testkit.sim.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A safekeeper's journal on a simulated disk. */
final class SimulatedJournalStorage implements JournalStorage {
  private final Disk disk;

  SimulatedJournalStorage(Disk disk) {
    this.disk = disk;
  }

  private record OpenFile(Disk.File file) implements JournalFile {
    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void write(long position, ByteBuffer bytes) throws IOException {
      file.write(position, bytes);
    }

    @Override
    public void force() throws IOException {
      file.force();
    }

    @Override
    public byte[] read(long position, int length) throws IOException {
      return file.read(position, length);
    }

    @Override
    public void close() {}
  }

  @Override
  public List<String> list() {
    return disk.list();
  }

  @Override
  public JournalFile create(String name, byte[] beginning, long sizeBytes) throws IOException {
    if (disk.isFull()) {
      throw new NoRoomException("no space left for " + name);
    }
    return new OpenFile(disk.create(name, beginning, sizeBytes));
  }

  @Override
  public JournalFile open(String name) throws IOException {
    return new OpenFile(disk.open(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public long usableBytes() {
    return disk.isFull() ? 0 : Long.MAX_VALUE;
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void close() {}
}
