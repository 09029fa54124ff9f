package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.spill.SpillFile;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Rows of a sort that does not fit into memory: as many as fit are sorted and put on disk as a
 * <i>run</i>, and so on; the runs are merged at the end. Knuth, The Art of Computer Programming,
 * vol. 3, 5.4. Runs may be added by several threads.
 */
final class RowRuns implements AutoCloseable {
  /** Runs that are merged at once: each takes a block of memory. */
  private static final int MAX_MERGED = 64;

  private final PhysicalType[] types;
  private final SortOrder order;
  private final Execution execution;
  private final Reservation memory;
  private final int bufferBytes;
  private final Queue<SpillFile> runs = new ConcurrentLinkedQueue<>();

  RowRuns(PhysicalType[] types, SortOrder order, Execution execution, Reservation memory) {
    this.types = types;
    this.order = order;
    this.execution = execution;
    this.memory = memory;
    this.bufferBytes = Spilling.bufferBytes(memory, MAX_MERGED);
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /** Sorts the rows, whose sorting has been reserved, into a run of their own. */
  void add(Batch rows) {
    if (rows.rows() == 0) {
      return;
    }
    int[] sorted = RowSorter.sort(rows, order, execution);
    SpillFile run = execution.spilling().create(types, bufferBytes);
    for (int from = 0; from < sorted.length; from += Batch.MAX_ROWS) {
      execution.check();
      int[] part = Arrays.copyOfRange(sorted, from, Math.min(sorted.length, from + Batch.MAX_ROWS));
      run.append(rows, part, part.length);
    }
    run.finish();
    memory.spilled(run.sizeBytes());
    runs.add(run);
  }

  /** All rows in order; nothing can be added any more. */
  BatchSource merged() {
    memory.add(2L * bufferBytes * Math.min(MAX_MERGED, runs.size()));
    List<SpillFile> left = new ArrayList<>(runs);
    while (left.size() > MAX_MERGED) {
      List<SpillFile> some = List.copyOf(left.subList(0, MAX_MERGED));
      SpillFile longer = execution.spilling().create(types, bufferBytes);
      try (BatchSource source = merge(some)) {
        for (Batch batch = source.next(); batch != null; batch = source.next()) {
          execution.check();
          longer.append(batch);
        }
      }
      longer.finish();
      memory.spilled(longer.sizeBytes());
      runs.add(longer);
      some.forEach(execution.spilling()::delete);
      runs.removeAll(some);
      left.subList(0, MAX_MERGED).clear();
      left.add(longer);
    }
    return merge(left);
  }

  private BatchSource merge(List<SpillFile> some) {
    return new RunMerge(some.stream().map(SpillFile::read).toList(), types, order);
  }

  @Override
  public void close() {
    runs.forEach(execution.spilling()::delete);
    runs.clear();
  }
}
