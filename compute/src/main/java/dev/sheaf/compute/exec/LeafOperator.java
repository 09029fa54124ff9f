package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Rows that are made in one go when the stream is opened: VALUES, system tables, key look-ups. */
final class LeafOperator implements Operator {
  private final Supplier<List<Batch>> rows;

  LeafOperator(Supplier<List<Batch>> rows) {
    this.rows = rows;
  }

  @Override
  public void prepare() {}

  @Override
  public int width() {
    return 1;
  }

  @Override
  public BatchSource stream(int index) {
    Deque<Batch> left = new ArrayDeque<>(rows.get());
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        return left.poll();
      }

      @Override
      public void close() {
        left.clear();
      }
    };
  }

  @Override
  public void close() {}
}
