package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.spill.SpillFile;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of one side of a partition on disk, in files of the threads that wrote them. */
record SpilledRows(List<SpillFile> files) {

  long rows() {
    return files.stream().mapToLong(SpillFile::rows).sum();
  }

  long sizeBytes() {
    return files.stream().mapToLong(SpillFile::sizeBytes).sum();
  }

  /** All rows, in the same order each time. */
  BatchSource read() {
    Iterator<SpillFile> left = files.iterator();
    return new BatchSource() {
      private @Nullable BatchSource current;

      @Override
      public @Nullable Batch next() {
        while (true) {
          BatchSource source = current;
          if (source == null) {
            if (!left.hasNext()) {
              return null;
            }
            source = left.next().read();
            current = source;
          }
          Batch batch = source.next();
          if (batch != null) {
            return batch;
          }
          current = null;
        }
      }

      @Override
      public void close() {
        while (left.hasNext()) {
          left.next();
        }
        current = null;
      }
    };
  }

  void delete(Spilling spilling) {
    files.forEach(spilling::delete);
  }

  /** Writes rows into files by partition. One thread; several writers make up one side. */
  static final class Writer {
    private final KeyPartitioner partitioner;
    private final int level;
    private final PhysicalType[] types;
    private final Execution execution;
    private final Reservation memory;
    private final List<@Nullable SpillFile> files = new ArrayList<>();
    private final int bufferBytes;
    private long buffers;

    Writer(
        KeyPartitioner partitioner,
        int level,
        PhysicalType[] types,
        Execution execution,
        Reservation memory) {
      this.partitioner = partitioner;
      this.level = level;
      this.types = types;
      this.execution = execution;
      this.memory = memory;
      this.bufferBytes =
          Spilling.bufferBytes(memory, KeyPartitioner.PARTITIONS * execution.parallelism());
      for (int p = 0; p < KeyPartitioner.PARTITIONS; p++) {
        files.add(null);
      }
    }

    /** Adds the live rows. */
    void add(Batch batch) {
      int[] of = partitioner.partitions(batch, level);
      int[][] rows = new int[KeyPartitioner.PARTITIONS][];
      int[] counts = new int[KeyPartitioner.PARTITIONS];
      for (int k = 0; k < of.length; k++) {
        counts[of[k]]++;
      }
      for (int p = 0; p < rows.length; p++) {
        rows[p] = new int[counts[p]];
        counts[p] = 0;
      }
      for (int k = 0; k < of.length; k++) {
        int p = of[k];
        rows[p][counts[p]++] = batch.row(k);
      }
      for (int p = 0; p < rows.length; p++) {
        if (counts[p] > 0) {
          file(p).append(batch, rows[p], counts[p]);
        }
      }
    }

    /** Adds all rows of a dense batch of any size. */
    void addAll(Batch rows) {
      for (int from = 0; from < rows.rows(); from += Batch.MAX_ROWS) {
        execution.check();
        int[] part = new int[Math.min(Batch.MAX_ROWS, rows.rows() - from)];
        for (int k = 0; k < part.length; k++) {
          part[k] = from + k;
        }
        add(rows.select(part, part.length));
      }
    }

    private SpillFile file(int partition) {
      SpillFile file = files.get(partition);
      if (file == null) {
        memory.add(bufferBytes);
        buffers += bufferBytes;
        file = execution.spilling().create(types, bufferBytes);
        files.set(partition, file);
      }
      return file;
    }

    /** Nothing is added any more. */
    void finish() {
      for (SpillFile file : files) {
        if (file != null) {
          file.finish();
          memory.spilled(file.sizeBytes());
        }
      }
      memory.remove(buffers);
      buffers = 0;
    }
  }

  /** What writers have written of each partition. */
  static List<SpilledRows> of(List<Writer> writers) {
    List<SpilledRows> out = new ArrayList<>();
    for (int p = 0; p < KeyPartitioner.PARTITIONS; p++) {
      List<SpillFile> files = new ArrayList<>();
      for (Writer writer : writers) {
        SpillFile file = writer.files.get(p);
        if (file != null) {
          files.add(file);
        }
      }
      out.add(new SpilledRows(files));
    }
    return out;
  }
}
