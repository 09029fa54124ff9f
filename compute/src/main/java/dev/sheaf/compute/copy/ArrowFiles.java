package dev.sheaf.compute.copy;

import dev.sheaf.columnar.arrow.ArrowReader;
import dev.sheaf.columnar.arrow.ArrowWriter;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.jspecify.annotations.Nullable;

/** Arrow IPC files and streams. Compressed buffers are refused. */
public final class ArrowFiles {
  /** Memory that one file's batch may take; 54000 beyond. */
  private static final long MAX_BATCH_BYTES = 512L << 20;

  private static final byte[] FILE_MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  private ArrowFiles() {}

  /** A file being read. Used by one thread; close it once. */
  public static final class Source implements BatchSource {
    private final RootAllocator allocator = new RootAllocator(MAX_BATCH_BYTES);
    private final FileChannel file;
    private final org.apache.arrow.vector.ipc.ArrowReader ipc;
    private final ArrowReader reader;
    private final Deque<Batch> ready = new ArrayDeque<>();

    /** Opens a file or stream, told apart by the file's magic. */
    @SuppressWarnings("MustBeClosedChecker") // closed with this source
    public Source(Path path) {
      try {
        file = FileChannel.open(path, StandardOpenOption.READ);
      } catch (IOException e) {
        throw new SheafException(ErrorCode.IO_ERROR, "could not open the file", e);
      }
      org.apache.arrow.vector.ipc.ArrowReader opened = null;
      try {
        opened =
            isFile(file)
                ? new ArrowFileReader(file, allocator)
                : new ArrowStreamReader(file, allocator);
        ipc = opened;
        reader = ArrowReader.natural(ipc.getVectorSchemaRoot().getSchema(), ipc);
      } catch (IOException | RuntimeException e) {
        closeAll(opened);
        throw unreadable(e);
      }
    }

    private static boolean isFile(FileChannel file) throws IOException {
      ByteBuffer start = ByteBuffer.allocate(FILE_MAGIC.length);
      while (start.hasRemaining() && file.read(start, start.position()) > 0) {
        // A file may be shorter than the magic: then it is read as a stream, and fails there.
      }
      return java.util.Arrays.equals(start.array(), FILE_MAGIC);
    }

    /** Names and types of the columns. */
    public List<Field> fields() {
      return reader.fields();
    }

    /** Up to where it has been read; of a file the footer is read first. */
    public long positionBytes() {
      try {
        return file.position();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    public long sizeBytes() {
      try {
        return file.size();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    @Override
    public @Nullable Batch next() {
      while (ready.isEmpty()) {
        try {
          if (!ipc.loadNextBatch()) {
            return null;
          }
          ready.addAll(reader.readBatches(ipc.getVectorSchemaRoot()));
        } catch (SheafException e) {
          throw e;
        } catch (IOException | RuntimeException e) {
          throw unreadable(e);
        }
      }
      return ready.poll();
    }

    @Override
    public void close() {
      closeAll(ipc);
    }

    private void closeAll(org.apache.arrow.vector.ipc.@Nullable ArrowReader opened) {
      try (file;
          allocator;
          opened) {
        ready.clear();
      } catch (IOException e) {
        throw new SheafException(ErrorCode.IO_ERROR, "could not close the file", e);
      }
    }

    private static SheafException unreadable(Exception cause) {
      if (cause instanceof SheafException typed) {
        return typed;
      }
      return cause instanceof OutOfMemoryException
          ? new SheafException(
              ErrorCode.PROGRAM_LIMIT_EXCEEDED,
              "a batch of the Arrow file takes more than " + MAX_BATCH_BYTES + " bytes",
              cause)
          : new SheafException(
                  ErrorCode.INVALID_BINARY_REPRESENTATION, "not a readable Arrow file", cause)
              .withHint("It must be an Arrow IPC file or stream without compression.");
    }
  }

  /**
   * Writes rows as an Arrow IPC file.
   *
   * @param rows closed at the end
   * @return rows written
   */
  public static long write(Path path, List<Field> fields, BatchSource rows) throws IOException {
    long written = 0;
    try (var allocator = new RootAllocator(MAX_BATCH_BYTES);
        var writer = new ArrowWriter(fields, rows, allocator);
        FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
        var ipc = new ArrowFileWriter(writer.root(), null, file)) {
      ipc.start();
      while (writer.next()) {
        ipc.writeBatch();
        written += writer.root().getRowCount();
      }
      ipc.end();
    }
    return written;
  }
}
