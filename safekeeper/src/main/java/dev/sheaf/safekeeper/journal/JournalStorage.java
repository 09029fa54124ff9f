package dev.sheaf.safekeeper.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The directory that a journal lives in. All that the journal asks of a disk; thread-safe. */
public interface JournalStorage extends AutoCloseable {

  /** Names of the files, in no order. */
  List<String> list() throws IOException;

  /**
   * Creates a file of the given size that begins with the given bytes and is zero after them, all
   * of it in its place on the disk: writing to it later takes no room. When this returns, the file
   * will be there after a crash, whole; before, it is there whole or not at all.
   *
   * @throws NoRoomException if the disk is full
   */
  JournalFile create(String name, byte[] beginning, long sizeBytes) throws IOException;

  /**
   * Opens an existing file; fails with {@link java.nio.file.NoSuchFileException} if there is none.
   */
  JournalFile open(String name) throws IOException;

  /**
   * Gives a file that is not open another name. When this returns it has it also after a crash;
   * before, it has one of the two.
   */
  void rename(String from, String to) throws IOException;

  void delete(String name) throws IOException;

  /** Bytes that new files can take, roughly. */
  long usableBytes() throws IOException;

  @Override
  void close() throws IOException;

  /** One file. Reads may run beside a write. */
  interface JournalFile extends AutoCloseable {
    long size() throws IOException;

    /** Writes all the bytes; they are durable after the next {@link #force}. */
    void write(long position, ByteBuffer bytes) throws IOException;

    /**
     * Makes everything written durable. After a failure nothing is known of it, nor ever will be.
     */
    void force() throws IOException;

    /** Reads exactly that many bytes. */
    byte[] read(long position, int length) throws IOException;

    @Override
    void close() throws IOException;
  }
}
