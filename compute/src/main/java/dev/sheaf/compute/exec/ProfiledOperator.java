package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures another operator. Every call's time is added to the node and taken off whichever
 * measured call it ran inside of, on the same thread, so that what remains is the node's own work.
 */
final class ProfiledOperator implements Operator {
  /** Nanoseconds that measured calls inside the current one have taken, per thread. */
  private static final ThreadLocal<long[]> INNER = ThreadLocal.withInitial(() -> new long[1]);

  private final PlanNode node;
  private final Operator operator;
  private final Profile.Figures figures;
  private final Execution execution;

  ProfiledOperator(PlanNode node, Operator operator, Profile profile, Execution execution) {
    this.node = node;
    this.operator = operator;
    this.figures = profile.of(node);
    this.execution = execution;
  }

  private <T extends @Nullable Object> T measured(Supplier<T> call) {
    long[] inner = INNER.get();
    long outer = inner[0];
    inner[0] = 0;
    long begin = execution.nanoClock().getAsLong();
    try {
      return call.get();
    } finally {
      long total = execution.nanoClock().getAsLong() - begin;
      figures.nanos.add(total - inner[0]);
      inner[0] = outer + total;
    }
  }

  @Override
  public void prepare() {
    measured(() -> {
      operator.prepare();
      return node;
    });
  }

  @Override
  public int width() {
    return operator.width();
  }

  @Override
  public void offer(int column, RuntimeFilter filter) {
    operator.offer(column, filter);
  }

  @Override
  public BatchSource stream(int index) {
    BatchSource source = operator.stream(index);
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        Batch batch = measured(source::next);
        if (batch != null) {
          figures.rows.add(batch.selected());
        }
        return batch;
      }

      @Override
      public void close() {
        source.close();
      }
    };
  }

  @Override
  public void close() {
    operator.close();
  }
}
