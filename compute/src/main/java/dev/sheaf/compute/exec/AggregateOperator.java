package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.plan.PlanNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Hash aggregation in two phases: every stream of the input fills a table of its own; then the
 * tables are merged, in one piece if they are small, else by partitions of the hash in parallel. Of
 * several grouping sets the streams fill a table each for those that no other set holds; the rest
 * is made of their groups.
 */
final class AggregateOperator implements Operator {
  /** Groups in all tables together above which merging by partitions pays. */
  private static final int PARTITIONED_MERGE_GROUPS = 1 << 15;

  private static final int PARTITION_BITS = 4;

  private final PlanNode.Aggregate node;
  private final Operator input;
  private final Execution execution;
  private final Reservation memory;
  private final SetTree sets;
  private final AtomicInteger nextChunk = new AtomicInteger();
  private List<Chunk> chunks = List.of();

  private record Chunk(AggregateState state, int from, int count) {}

  AggregateOperator(PlanNode.Aggregate node, Operator input, Execution execution) {
    this.node = node;
    this.input = input;
    this.execution = execution;
    this.memory = execution.reservation();
    this.sets = SetTree.of(node);
  }

  /** A filter of a key drops whole groups, so their rows need not be read. */
  @Override
  public void offer(int column, RuntimeFilter filter) {
    if (column < node.groupBy().size() && sets.isInAll(column)) {
      input.offer(node.groupBy().get(column), filter.ofMoreRows());
    }
  }

  @Override
  public void prepare() {
    input.prepare();
    List<Chunk> out = new ArrayList<>();
    AggregateState[][] results = aggregated();
    for (AggregateState[] set : results) {
      for (AggregateState state : set) {
        state.finish(execution);
      }
    }
    for (int s = 0; s < results.length; s++) {
      for (int copy = 0; copy < sets.sets().get(s).copies(); copy++) {
        for (AggregateState state : results[s]) {
          addChunks(state, out);
        }
      }
    }
    chunks = out;
    input.close();
  }

  private static void addChunks(AggregateState state, List<Chunk> out) {
    for (int from = 0; from < state.size(); from += Batch.MAX_ROWS) {
      out.add(new Chunk(state, from, Math.min(Batch.MAX_ROWS, state.size() - from)));
    }
  }

  /** The groups of each grouping set, in one or several pieces. */
  private AggregateState[][] aggregated() {
    List<Integer> roots = sets.roots();
    AggregateState[][] filled = filled(roots);
    AggregateState[][] results = new AggregateState[sets.sets().size()][0];
    for (int r = 0; r < roots.size(); r++) {
      int root = r;
      results[roots.get(r)] =
          merged(Arrays.stream(filled).map(stream -> stream[root]).toArray(AggregateState[]::new));
    }
    // Sets whose source is there are made side by side, until none is left.
    List<Integer> ready = derivable(results);
    while (!ready.isEmpty()) {
      List<Integer> wave = ready;
      execution.tasks().run(wave.size(), i -> results[wave.get(i)] = derived(wave.get(i), results));
      ready = derivable(results);
    }
    return results;
  }

  private List<Integer> derivable(AggregateState[][] results) {
    return IntStream.range(0, results.length)
        .filter(s -> results[s].length == 0 && results[sets.sets().get(s).source()].length > 0)
        .boxed()
        .toList();
  }

  private AggregateState[] derived(int set, AggregateState[][] results) {
    SetTree.Node wanted = sets.sets().get(set);
    var state = new AggregateState(node, wanted.members(), memory);
    for (AggregateState piece : results[wanted.source()]) {
      execution.check();
      state.merge(piece, 0, 0);
    }
    return new AggregateState[] {state};
  }

  /** By stream, the state of each root. */
  private AggregateState[][] filled(List<Integer> roots) {
    int width = input.width();
    if (inInputOrder()) {
      AggregateState[] only = newStates(roots);
      for (int i = 0; i < width; i++) {
        DrainedStreams.drain(input, i, execution, batch -> consume(only, batch));
      }
      return new AggregateState[][] {only};
    }
    AggregateState[][] states = new AggregateState[width][];
    execution
        .tasks()
        .run(
            width,
            i -> {
              AggregateState[] own = newStates(roots);
              states[i] = own;
              DrainedStreams.drain(input, i, execution, batch -> consume(own, batch));
            });
    return states;
  }

  private AggregateState[] newStates(List<Integer> roots) {
    return roots.stream()
        .map(root -> new AggregateState(node, sets.sets().get(root).members(), memory))
        .toArray(AggregateState[]::new);
  }

  private static void consume(AggregateState[] states, Batch batch) {
    for (AggregateState state : states) {
      state.consume(batch);
    }
  }

  private boolean inInputOrder() {
    return node.aggregates().stream()
        .anyMatch(a -> a.fn() == AggregateFn.STRING_AGG && a.order().isEmpty());
  }

  private AggregateState[] merged(AggregateState[] states) {
    if (states.length == 1) {
      return states;
    }
    int groups = Arrays.stream(states).mapToInt(AggregateState::size).sum();
    if (groups <= PARTITIONED_MERGE_GROUPS) {
      for (int i = 1; i < states.length; i++) {
        states[0].merge(states[i], 0, 0);
      }
      return new AggregateState[] {states[0]};
    }
    AggregateState[] out = new AggregateState[1 << PARTITION_BITS];
    execution
        .tasks()
        .run(
            out.length,
            partition -> {
              execution.check();
              var state = new AggregateState(node, states[0].members(), memory);
              for (AggregateState from : states) {
                state.merge(from, partition, PARTITION_BITS);
              }
              out[partition] = state;
            });
    return out;
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
