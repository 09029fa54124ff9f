package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows of a source behind the first few, up to a number of them. One thread. */
final class LimitedRows implements BatchSource {
  private final BatchSource source;
  private long skip;
  private long left;

  LimitedRows(BatchSource source, long skip, long left) {
    this.source = source;
    this.skip = skip;
    this.left = left;
  }

  @Override
  public @Nullable Batch next() {
    while (left > 0) {
      Batch batch = source.next();
      if (batch == null) {
        return null;
      }
      int from = (int) Math.min(skip, batch.selected());
      int count = (int) Math.min(left, batch.selected() - from);
      skip -= from;
      if (count > 0) {
        left -= count;
        return count == batch.selected() ? batch : part(batch, from, count);
      }
    }
    return null;
  }

  private static Batch part(Batch batch, int from, int count) {
    int[] selection = batch.selection();
    if (selection != null) {
      return batch.select(Arrays.copyOfRange(selection, from, from + count), count);
    }
    int[] rows = new int[count];
    for (int k = 0; k < count; k++) {
      rows[k] = from + k;
    }
    return batch.select(rows, count);
  }

  @Override
  public void close() {
    source.close();
  }
}
