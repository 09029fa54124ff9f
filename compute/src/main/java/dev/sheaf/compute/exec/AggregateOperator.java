package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hash aggregation in two phases: every stream of the input fills a table of its own; then the
 * tables are merged, in one piece if they are small, else by partitions of the hash in parallel.
 */
final class AggregateOperator implements Operator {
  /** Groups in all tables together above which merging by partitions pays. */
  private static final int PARTITIONED_MERGE_GROUPS = 1 << 15;

  private static final int PARTITION_BITS = 4;

  private final PlanNode.Aggregate node;
  private final Operator input;
  private final Execution execution;
  private final Reservation memory;
  private final AtomicInteger nextChunk = new AtomicInteger();
  private List<Chunk> chunks = List.of();

  private record Chunk(AggregateState state, int from, int count) {}

  AggregateOperator(PlanNode.Aggregate node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
    this.memory = execution.reservation();
  }

  /** A filter of a key drops whole groups, so their rows need not be read. */
  @Override
  public void offer(int column, RuntimeFilter filter) {
    if (column < node.groupBy().size()) {
      input.offer(node.groupBy().get(column), filter.ofMoreRows());
    }
  }

  @Override
  public void prepare() {
    input.prepare();
    List<AggregateState> results = merged(filled());
    List<Chunk> out = new ArrayList<>();
    for (AggregateState state : results) {
      for (int from = 0; from < state.size(); from += Batch.MAX_ROWS) {
        out.add(new Chunk(state, from, Math.min(Batch.MAX_ROWS, state.size() - from)));
      }
    }
    chunks = out;
    input.close();
  }

  private AggregateState[] filled() {
    int width = input.width();
    if (inInputOrder()) {
      var only = new AggregateState(node, memory);
      for (int i = 0; i < width; i++) {
        DrainedStreams.drain(input, i, execution, only::consume);
      }
      return new AggregateState[] {only};
    }
    AggregateState[] states = new AggregateState[width];
    execution
        .tasks()
        .run(
            width,
            i -> {
              var state = new AggregateState(node, memory);
              states[i] = state;
              DrainedStreams.drain(input, i, execution, state::consume);
            });
    return states;
  }

  private boolean inInputOrder() {
    return node.aggregates().stream().anyMatch(a -> a.fn() == AggregateFn.STRING_AGG);
  }

  private List<AggregateState> merged(AggregateState[] states) {
    if (states.length == 1) {
      return List.of(states[0]);
    }
    int groups = Arrays.stream(states).mapToInt(AggregateState::size).sum();
    if (groups <= PARTITIONED_MERGE_GROUPS) {
      for (int i = 1; i < states.length; i++) {
        states[0].merge(states[i], 0, 0);
      }
      return List.of(states[0]);
    }
    AggregateState[] out = new AggregateState[1 << PARTITION_BITS];
    execution
        .tasks()
        .run(
            out.length,
            partition -> {
              execution.check();
              var state = new AggregateState(node, memory);
              for (AggregateState from : states) {
                state.merge(from, partition, PARTITION_BITS);
              }
              out[partition] = state;
            });
    return List.of(out);
  }

  @Override
  public int width() {
    return Math.max(1, Math.min(execution.parallelism(), chunks.size()));
  }

  @Override
  public BatchSource stream(int index) {
    return new BatchSource() {
      @Override
      public @Nullable Batch next() {
        int next = nextChunk.getAndIncrement();
        if (next >= chunks.size()) {
          return null;
        }
        Chunk chunk = chunks.get(next);
        return chunk.state().output(chunk.from(), chunk.count());
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    input.close();
    chunks = List.of();
    Profiles.memory(execution, node, memory);
    memory.close();
  }
}
