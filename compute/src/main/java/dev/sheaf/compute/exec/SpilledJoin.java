package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.exec.SpilledRows.Writer;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;

/**
 * A hash join with both sides on disk, by partitions of their keys' hash: each partition is a join
 * of its own. One whose build rows do not fit is spread over more partitions; where that does not
 * help, because one key has too many rows, its build rows are joined in parts. After Kitsuregawa,
 * Tanaka and Moto-oka, "Application of Hash to Data Base Machine" (Grace).
 */
final class SpilledJoin implements AutoCloseable {
  private final JoinShape shape;
  private final PlanNode.HashJoin hash;
  private final Execution execution;
  private final Reservation writing;
  private final Deque<Partition> open = new ConcurrentLinkedDeque<>();
  private final int width;

  private record Partition(SpilledRows build, SpilledRows probe, int level) {}

  private SpilledJoin(JoinShape shape, PlanNode.HashJoin hash, Execution execution) {
    this.shape = shape;
    this.hash = hash;
    this.execution = execution;
    this.writing = execution.reservation();
    this.width = Math.max(1, Math.min(execution.parallelism(), KeyPartitioner.PARTITIONS));
  }

  /** Puts the probe input, which has been prepared, on disk as well. */
  static SpilledJoin of(
      JoinShape shape, List<SpilledRows> build, Operator probe, Execution execution) {
    PlanNode.HashJoin hash = Objects.requireNonNull(shape.hash());
    var join = new SpilledJoin(shape, hash, execution);
    var partitioner = new KeyPartitioner(shape.probeKeys(hash));
    Writer[] writers = new Writer[probe.width()];
    execution
        .tasks()
        .run(
            writers.length,
            i -> {
              writers[i] = new Writer(partitioner, 0, shape.probeTypes(), execution, join.writing);
              DrainedStreams.drain(probe, i, execution, writers[i]::add);
              writers[i].finish();
            });
    probe.close();
    join.add(build, SpilledRows.of(List.of(writers)), 0);
    return join;
  }

  private void add(List<SpilledRows> build, List<SpilledRows> probe, int level) {
    for (int p = 0; p < build.size(); p++) {
      var partition = new Partition(build.get(p), probe.get(p), level);
      boolean hopeless =
          shape.needsBuildRows() ? partition.build.rows() == 0 : partition.probe.rows() == 0;
      if (hopeless && shape.kept() == JoinSides.Kept.NONE) {
        delete(partition);
      } else {
        open.addFirst(partition);
      }
    }
  }

  private void delete(Partition partition) {
    partition.build.delete(execution.spilling());
    partition.probe.delete(execution.spilling());
  }

  int width() {
    return width;
  }

  /** Partition after partition until none is left that another stream has not taken. */
  BatchSource stream() {
    return new Stream();
  }

  private final class Stream implements BatchSource {
    private final Reservation memory = execution.reservation();
    private @Nullable Parts current;

    @Override
    public @Nullable Batch next() {
      while (true) {
        execution.check();
        Parts parts = current;
        if (parts == null) {
          Partition partition = open.poll();
          if (partition == null) {
            return null;
          }
          parts = new Parts(partition, memory);
          current = parts;
        }
        Batch batch = parts.next();
        if (batch != null) {
          return batch;
        }
        current = null;
        memory.close();
      }
    }

    @Override
    public void close() {
      if (current != null) {
        delete(current.partition);
        current = null;
      }
      Profiles.memory(execution, shape.node(), memory);
      memory.close();
    }
  }

  /** One partition: its build rows at once if they fit, else spread again or in parts. */
  private final class Parts {
    private final Partition partition;
    private final Reservation memory;
    private BatchSource build;
    private @Nullable Batch held;
    private @Nullable ProbeMarks marks;
    private @Nullable BatchSource joined;
    private boolean begun;
    private boolean inParts;

    Parts(Partition partition, Reservation memory) {
      this.partition = partition;
      this.memory = memory;
      this.build = partition.build.read();
    }

    @Nullable Batch next() {
      while (true) {
        BatchSource source = joined;
        if (source != null) {
          Batch batch = source.next();
          if (batch != null) {
            return batch;
          }
          joined = null;
          memory.close();
        }
        if (begun && held == null) {
          delete(partition);
          return null;
        }
        if (!load()) {
          return null;
        }
      }
    }

    /** Joins as many build rows as fit. False if the partition has been spread again instead. */
    private boolean load() {
      if (!fill()) {
        if (trySpread()) {
          return false;
        }
        inParts = true;
        build = partition.build.read();
        boolean unused = fill();
      }
      return true;
    }

    /** False if not all rows fit and it has not been tried yet to spread them. */
    private boolean fill() {
      var buffer = new RowBuffer(shape.buildTypes(), memory);
      int[] keys = shape.buildKeys(hash);
      KeyLayout layout = shape.layout(hash);
      long table = 0;
      Batch batch = begun ? held : build.next();
      held = null;
      for (; batch != null; batch = build.next()) {
        execution.check();
        long growth = buffer.growthBytes(batch);
        // The table's arrays are powers of two: twice its share is the most they take.
        long work = 2 * JoinTable.sizeBytes(batch, keys, layout);
        if (!execution.spilling().tryAdd(memory, growth + work)) {
          if (!inParts) {
            memory.close();
            return false;
          }
          if (buffer.rows() > 0) {
            // The rest comes later: the probe rows pass by each part.
            held = batch;
            break;
          }
          memory.add(growth + work);
        }
        buffer.append(batch, growth);
        table += work;
      }
      memory.remove(table);
      begun = true;
      join(buffer.toBatch(), keys, layout);
      return true;
    }

    private void join(Batch rows, int[] keys, KeyLayout layout) {
      var built = JoinTable.build(rows, keys, layout, shape.nullsAreEqual(hash), execution, memory);
      if (shape.kept() != JoinSides.Kept.NONE) {
        memory.add(rows.rows());
      }
      if (held != null && marks == null && shape.putsOutProbeRows()) {
        marks = new ProbeMarks();
      }
      if (marks != null) {
        memory.add(partition.probe.rows() / Byte.SIZE);
        marks.restart(held == null);
      }
      joined =
          JoinOperator.stream(
              shape, partition.probe.read(), built, shape.sides(rows, 1), marks, execution);
    }

    /** By the next bits of the hash, unless all rows have one key or the bits are used up. */
    private boolean trySpread() {
      int level = partition.level + 1;
      if (level >= KeyPartitioner.MAX_LEVELS) {
        return false;
      }
      List<SpilledRows> narrower =
          spread(partition.build, shape.buildKeys(hash), shape.buildTypes(), level);
      boolean inVain = narrower.stream().anyMatch(part -> part.rows() == partition.build.rows());
      if (inVain) {
        narrower.forEach(part -> part.delete(execution.spilling()));
        return false;
      }
      List<SpilledRows> probe =
          spread(partition.probe, shape.probeKeys(hash), shape.probeTypes(), level);
      add(narrower, probe, level);
      delete(partition);
      return true;
    }
  }

  private List<SpilledRows> spread(SpilledRows rows, int[] keys, PhysicalType[] types, int level) {
    var writer = new Writer(new KeyPartitioner(keys), level, types, execution, writing);
    try (BatchSource source = rows.read()) {
      for (Batch batch = source.next(); batch != null; batch = source.next()) {
        execution.check();
        writer.add(batch);
      }
    }
    writer.finish();
    return SpilledRows.of(new ArrayList<>(Arrays.asList(writer)));
  }

  @Override
  public void close() {
    open.forEach(this::delete);
    open.clear();
    Profiles.memory(execution, shape.node(), writing);
    writing.close();
  }
}
