package dev.sheaf.server;

import dev.sheaf.safekeeper.journal.JournalStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A journal's folder whose fsyncs are timed, and the bytes that share one are counted. Thread-safe.
 */
record MeteredStorage(JournalStorage storage, ServerMetrics metrics) implements JournalStorage {

  @Override
  public List<String> list() throws IOException {
    return storage.list();
  }

  @Override
  public JournalFile create(String name, byte[] beginning, long sizeBytes) throws IOException {
    return new MeteredFile(storage.create(name, beginning, sizeBytes), metrics, new AtomicLong());
  }

  @Override
  public JournalFile open(String name) throws IOException {
    return new MeteredFile(storage.open(name), metrics, new AtomicLong());
  }

  @Override
  public void rename(String from, String to) throws IOException {
    storage.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    storage.delete(name);
  }

  @Override
  public long usableBytes() throws IOException {
    return storage.usableBytes();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }

  /**
   * @param waiting bytes written since the last fsync
   */
  private record MeteredFile(JournalFile file, ServerMetrics metrics, AtomicLong waiting)
      implements JournalFile {
    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void write(long position, ByteBuffer bytes) throws IOException {
      waiting.addAndGet(bytes.remaining());
      file.write(position, bytes);
    }

    @Override
    public void force() throws IOException {
      long begun = System.nanoTime();
      file.force();
      metrics.forced(waiting.getAndSet(0), System.nanoTime() - begun);
    }

    @Override
    public byte[] read(long position, int length) throws IOException {
      return file.read(position, length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
