package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far one statement is. The statement says so a batch at a time, whatever thread runs it;
 * anybody may look. Thread-safe: each number is right by itself, and two of them may be of moments
 * next to one another.
 */
final class StatementProgress implements AutoCloseable {
  /** What the statement is doing. */
  enum State {
    /** It waits until fewer statements run. */
    WAITING,
    /** Until its last row is read, changed or sent. */
    RUNNING,
    /** It has all rows that it changes, and stores or commits them. */
    FINISHING
  }

  private static final long UNKNOWN = -1;

  /** Of statements that nobody is to see: the server's own, and descriptions. */
  static final StatementProgress UNSEEN =
      new StatementProgress(
          0,
          "",
          "",
          0,
          progress -> {
            // It is on no list.
          });

  /** Takes a statement that has ended off the list. */
  @FunctionalInterface
  interface End {
    void ended(StatementProgress progress);
  }

  private final long id;
  private final String user;
  private final String text;
  private final long startNanos;
  private final End end;
  private volatile State state = State.WAITING;
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong bytesRead = new AtomicLong();
  private volatile long bytesTotal = UNKNOWN;

  StatementProgress(long id, String user, String text, long startNanos, End end) {
    this.id = id;
    this.user = user;
    this.text = text;
    this.startNanos = startNanos;
    this.end = end;
  }

  long id() {
    return id;
  }

  String user() {
    return user;
  }

  String text() {
    return text;
  }

  /** By the clock of {@link RunningStatements}. */
  long startNanos() {
    return startNanos;
  }

  State state() {
    return state;
  }

  /** Rows so far: read from the source, changed, written or sent, as the statement goes. */
  long rows() {
    return rows.get();
  }

  /** Null unless it reads a file. */
  @Nullable Long bytesRead() {
    return bytesTotal == UNKNOWN ? null : (Long) bytesRead.get();
  }

  /** Of the file that it reads; null if there is none. */
  @Nullable Long bytesTotal() {
    return bytesTotal == UNKNOWN ? null : (Long) bytesTotal;
  }

  /** From 0 to 1; null where the whole is not known. */
  @Nullable Double fraction() {
    long total = bytesTotal;
    return total <= 0 ? null : Math.clamp((double) bytesRead.get() / total, 0.0, 1.0);
  }

  void state(State now) {
    state = now;
  }

  /** Begins anew: after a conflict the statement runs once more. */
  void restart() {
    state = State.RUNNING;
    rows.set(0);
    bytesRead.set(0);
    bytesTotal = UNKNOWN;
  }

  /** Counts the bytes of a file as they are read. */
  InputStream file(InputStream file, long totalBytes) {
    bytesTotal = totalBytes;
    return new FilterInputStream(file) {
      @Override
      public int read() throws IOException {
        int next = super.read();
        bytesRead.addAndGet(next < 0 ? 0 : 1);
        return next;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int count = super.read(into, offset, length);
        bytesRead.addAndGet(Math.max(0, count));
        return count;
      }

      @Override
      public long skip(long bytes) throws IOException {
        long skipped = super.skip(bytes);
        bytesRead.addAndGet(skipped);
        return skipped;
      }
    };
  }

  /**
   * As the other one, of a file whose reader knows how far it is.
   *
   * @param positionBytes asked after each batch, by the thread that takes it
   */
  BatchSource file(BatchSource file, LongSupplier positionBytes, long totalBytes) {
    bytesTotal = totalBytes;
    return new Watched(
        file, batch -> bytesRead.set(positionBytes.getAsLong()), () -> bytesRead.set(totalBytes));
  }

  /** Counts the rows of a result as they are taken, and no others any more. */
  BatchSource result(BatchSource source) {
    state = State.RUNNING;
    rows.set(0);
    return counted(source);
  }

  /** Counts rows as they are taken. */
  BatchSource counted(BatchSource source) {
    return new Watched(
        source,
        batch -> rows.addAndGet(batch.selected()),
        () -> {
          // Whoever took the last row goes on as before.
        });
  }

  /** As {@link #counted}, of the rows to change: after the last one they are to be stored. */
  BatchSource input(BatchSource source) {
    state = State.RUNNING;
    return new Watched(
        source, batch -> rows.addAndGet(batch.selected()), () -> state(State.FINISHING));
  }

  /** Idempotent. */
  @Override
  public void close() {
    end.ended(this);
  }

  private record Watched(BatchSource source, Consumer<Batch> each, Runnable last)
      implements BatchSource {
    @Override
    public @Nullable Batch next() {
      Batch batch = source.next();
      if (batch == null) {
        last.run();
      } else {
        each.accept(batch);
      }
      return batch;
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
