package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.VecAppender;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Merges ordered sources into one; rows that are equal come in no particular order. One thread. */
final class RunMerge implements BatchSource {
  private final List<BatchSource> sources;
  private final PhysicalType[] types;
  private final SortOrder order;
  private final PriorityQueue<Cursor> cursors;
  private boolean started;

  /**
   * @param sources of dense batches
   */
  RunMerge(List<BatchSource> sources, PhysicalType[] types, SortOrder order) {
    this.sources = sources;
    this.types = types;
    this.order = order;
    this.cursors = new PriorityQueue<>(Math.max(1, sources.size()));
  }

  /** The row of a source that comes next. */
  private final class Cursor implements Comparable<Cursor> {
    private final BatchSource source;
    private Batch batch = Batch.of(new Vec[0], 0);
    private long[] words = new long[0];
    private int row;

    Cursor(BatchSource source) {
      this.source = source;
    }

    /** To the next row: false at the end. */
    boolean advance() {
      if (++row < batch.rows()) {
        return true;
      }
      Batch next = source.next();
      if (next == null) {
        return false;
      }
      batch = next;
      row = 0;
      words = order.firstWords(next);
      return true;
    }

    @Override
    public int compareTo(Cursor other) {
      int byWord = Long.compare(words[row], other.words[other.row]);
      return byWord != 0 ? byWord : order.compare(batch, row, other.batch, other.row);
    }
  }

  @Override
  public @Nullable Batch next() {
    if (!started) {
      started = true;
      for (BatchSource source : sources) {
        var cursor = new Cursor(source);
        if (cursor.advance()) {
          cursors.add(cursor);
        }
      }
    }
    VecAppender[] out = new VecAppender[types.length];
    for (int c = 0; c < out.length; c++) {
      out[c] = new VecAppender(types[c]);
    }
    int[] rows = new int[Batch.MAX_ROWS];
    int n = 0;
    while (n < Batch.MAX_ROWS) {
      Cursor first = cursors.poll();
      if (first == null) {
        break;
      }
      n += take(first, out, rows, Batch.MAX_ROWS - n);
    }
    if (n == 0) {
      return null;
    }
    Vec[] columns = new Vec[out.length];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = out[c].build();
    }
    return Batch.of(columns, n);
  }

  /** As many rows of one batch as come before all others. */
  private int take(Cursor from, VecAppender[] out, int[] rows, int most) {
    Cursor second = cursors.peek();
    Batch batch = from.batch;
    int count = 0;
    boolean more;
    do {
      rows[count++] = from.row;
      more = from.advance();
    } while (more
        && count < most
        && from.batch == batch
        && (second == null || from.compareTo(second) <= 0));
    for (int c = 0; c < out.length; c++) {
      out[c].append(batch.column(c), rows, count);
    }
    if (more) {
      cursors.add(from);
    }
    return count;
  }

  @Override
  public void close() {
    cursors.clear();
    sources.forEach(BatchSource::close);
  }
}
