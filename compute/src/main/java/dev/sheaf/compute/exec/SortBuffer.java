package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.PhysicalType;
import org.jspecify.annotations.Nullable;

/**
 * What a sort has of one stream: rows in memory, which become a run on disk whenever there is no
 * room for more. One thread.
 */
final class SortBuffer {
  private final PhysicalType[] types;
  private final RowRuns runs;
  private final Execution execution;
  private final Reservation memory;
  private RowBuffer rows;
  private long work;

  SortBuffer(PhysicalType[] types, RowRuns runs, Execution execution, Reservation memory) {
    this.types = types;
    this.runs = runs;
    this.execution = execution;
    this.memory = memory;
    this.rows = new RowBuffer(types, memory);
  }

  /**
   * Drains all of an input's streams in parallel.
   *
   * @param runs empty
   * @return all rows, with room for the sorting taken; null if they are in the runs instead
   */
  static @Nullable RowBuffer collect(
      Operator input, PhysicalType[] types, RowRuns runs, Execution execution, Reservation memory) {
    SortBuffer[] parts = new SortBuffer[input.width()];
    execution
        .tasks()
        .run(
            parts.length,
            i -> {
              parts[i] = new SortBuffer(types, runs, execution, memory);
              DrainedStreams.drain(input, i, execution, parts[i]::add);
            });
    SortBuffer whole = parts[0];
    for (int i = 1; i < parts.length && runs.isEmpty(); i++) {
      whole.addAll(parts[i]);
    }
    if (runs.isEmpty()) {
      return whole.rows();
    }
    for (SortBuffer part : parts) {
      part.flush();
    }
    return null;
  }

  /** With room for the sorting taken. */
  RowBuffer rows() {
    return rows;
  }

  void add(Batch batch) {
    long growth = rows.growthBytes(batch);
    long sorting = RowSorter.workBytes(batch.selected());
    if (!execution.spilling().tryAdd(memory, growth + sorting)) {
      flush();
      growth = rows.growthBytes(batch);
      memory.add(growth + sorting);
    }
    rows.append(batch, growth);
    work += sorting;
  }

  /** Takes the other's rows, or puts its own on disk if they do not fit together. */
  void addAll(SortBuffer other) {
    Batch all = other.rows.toBatch();
    long growth = rows.growthBytes(all);
    if (!execution.spilling().tryAdd(memory, growth)) {
      flush();
      return;
    }
    rows.append(all, growth);
    work += other.work;
    other.work = 0;
    other.forget();
  }

  /** Puts the rows on disk, if there are any. */
  void flush() {
    runs.add(rows.toBatch());
    forget();
  }

  private void forget() {
    rows.release();
    memory.remove(work);
    work = 0;
    rows = new RowBuffer(types, memory);
  }
}
