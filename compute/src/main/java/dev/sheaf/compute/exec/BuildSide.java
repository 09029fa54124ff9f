package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.exec.SpilledRows.Writer;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The build side of a join: rows in memory or, once they do not fit, on disk by partitions of their
 * keys' hash. Filled by one thread for each stream.
 */
final class BuildSide {
  private final @Nullable KeyPartitioner partitioner;
  private final PhysicalType[] types;
  private final Execution execution;
  private final Reservation memory;
  private volatile boolean spilled;
  private Batch rows = Batch.of(new Vec[0], 0);
  private List<SpilledRows> partitions = List.of();

  /**
   * @param partitioner null = there are no keys, so the rows have to fit
   */
  BuildSide(
      @Nullable KeyPartitioner partitioner,
      PhysicalType[] types,
      Execution execution,
      Reservation memory) {
    this.partitioner = partitioner;
    this.types = types;
    this.execution = execution;
    this.memory = memory;
  }

  boolean isSpilled() {
    return spilled;
  }

  /** All rows, dense, unless they have been spilled. */
  Batch rows() {
    return rows;
  }

  /** The rows on disk. */
  List<SpilledRows> partitions() {
    return partitions;
  }

  /** Drains the input, which has been prepared. */
  void collect(Operator input) {
    Part[] parts = new Part[input.width()];
    execution
        .tasks()
        .run(
            parts.length,
            i -> {
              parts[i] = new Part();
              DrainedStreams.drain(input, i, execution, parts[i]::add);
            });
    for (int i = 1; i < parts.length && !spilled; i++) {
      parts[0].addAll(parts[i]);
    }
    if (!spilled) {
      rows = parts[0].rows.toBatch();
      return;
    }
    List<Writer> writers = new ArrayList<>();
    for (Part part : parts) {
      writers.add(part.writer());
    }
    writers.forEach(Writer::finish);
    partitions = SpilledRows.of(writers);
  }

  /** Puts rows on disk that were in memory; all that had been taken for them is given back. */
  void spill() {
    Writer writer = newWriter();
    writer.addAll(rows);
    writer.finish();
    partitions = SpilledRows.of(List.of(writer));
    rows = Batch.of(new Vec[0], 0);
    spilled = true;
  }

  private Writer newWriter() {
    if (partitioner == null) {
      throw new IllegalStateException("rows without keys have no partition");
    }
    return new Writer(partitioner, 0, types, execution, memory);
  }

  private boolean tryAdd(long bytes) {
    if (partitioner == null) {
      memory.add(bytes);
      return true;
    }
    return execution.spilling().tryAdd(memory, bytes);
  }

  /** The rows of one stream. */
  private final class Part {
    private RowBuffer rows = new RowBuffer(types, memory);
    private @Nullable Writer writer;

    void add(Batch batch) {
      long growth = spilled ? 0 : rows.growthBytes(batch);
      if (!spilled && tryAdd(growth)) {
        rows.append(batch, growth);
        return;
      }
      spilled = true;
      writer().add(batch);
    }

    void addAll(Part other) {
      Batch all = other.rows.toBatch();
      long growth = rows.growthBytes(all);
      if (tryAdd(growth)) {
        rows.append(all, growth);
        other.rows.release();
      } else {
        spilled = true;
      }
    }

    /** Puts the rows that are in memory on disk first. */
    Writer writer() {
      Writer known = writer;
      if (known == null) {
        known = newWriter();
        writer = known;
        known.addAll(rows.toBatch());
        rows.release();
        rows = new RowBuffer(types, memory);
      }
      return known;
    }
  }
}
