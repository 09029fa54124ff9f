package dev.sheaf.safekeeper.journal;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the local file system, locked against other processes.
 *
 * <p>Each reader opens a channel of its own: an interrupt closes the channel that the interrupted
 * thread uses, and that must never be the writer's.
 */
public final class DiskStorage implements JournalStorage {
  private static final String LOCK = "lock";
  private static final String UNFINISHED = ".tmp";
  private static final int FILL_BYTES = 1 << 20;

  private final Path directory;
  private final FileChannel lockFile;

  /**
   * @throws SheafException 55006 another process has the directory
   */
  public DiskStorage(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
    this.lockFile =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(lockFile) == null) {
      lockFile.close();
      throw new SheafException(
              ErrorCode.OBJECT_IN_USE, "another process uses the journal in " + directory)
          .withHint("Give each safekeeper a directory of its own.");
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it
    }
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(LOCK) && !name.endsWith(UNFINISHED))
          .toList();
    }
  }

  @Override
  public JournalFile create(String name, byte[] beginning, long sizeBytes) throws IOException {
    Path unfinished = directory.resolve(name + UNFINISHED);
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      fill(channel, beginning, sizeBytes);
      channel.force(true);
    } catch (NoRoomException e) {
      Files.delete(unfinished);
      throw e;
    }
    rename(name + UNFINISHED, name);
    return open(name);
  }

  /**
   * The full size from the start: a file that is shorter later was cut by somebody. And zeros
   * instead of a hole: a hole has no place on the disk until it is written to, which then costs the
   * file system a commit of its own, or fails.
   */
  private void fill(FileChannel channel, byte[] beginning, long sizeBytes) throws IOException {
    try {
      writeFully(channel, 0, ByteBuffer.wrap(beginning));
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(FILL_BYTES, sizeBytes));
      for (long at = beginning.length; at < sizeBytes; at += zeros.limit()) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), sizeBytes - at));
        writeFully(channel, at, zeros);
      }
    } catch (IOException e) {
      if (isFull(e, sizeBytes)) {
        throw new NoRoomException("the disk of " + directory + " is full", e);
      }
      throw e;
    }
  }

  /** The JDK passes the system's words on, but no error number. */
  private boolean isFull(IOException error, long wantedBytes) throws IOException {
    String message = String.valueOf(error.getMessage());
    return message.contains("No space left")
        || message.contains("uota exceeded")
        || usableBytes() < wantedBytes;
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    forceDirectory();
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public JournalFile open(String name) throws IOException {
    return new DiskFile(
        FileChannel.open(
            directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public void delete(String name) throws IOException {
    Files.delete(directory.resolve(name));
    forceDirectory();
  }

  private void forceDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }

  private static void writeFully(FileChannel channel, long position, ByteBuffer bytes)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  private record DiskFile(FileChannel channel) implements JournalFile {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void write(long position, ByteBuffer bytes) throws IOException {
      writeFully(channel, position, bytes);
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public byte[] read(long position, int length) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, position + bytes.position()) < 0) {
          throw new EOFException("the file ends within " + length + " bytes at " + position);
        }
      }
      return bytes.array();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
