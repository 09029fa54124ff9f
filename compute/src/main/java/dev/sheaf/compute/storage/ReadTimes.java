package dev.sheaf.compute.storage;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.key.KeyRange;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long statements are in storage: looking up rows, opening scans and taking their batches, as
 * the threads that do so see it. Thread-safe.
 */
public final class ReadTimes {
  private final LongSupplier nanoTime;
  private final LongAdder reads = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  public ReadTimes(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Lookups and scans begun. */
  public long reads() {
    return reads.sum();
  }

  /** Of all threads together. */
  public long nanos() {
    return nanos.sum();
  }

  /** The same storage, its time counted. */
  public StatementStorage count(StatementStorage storage) {
    return new Counted(storage);
  }

  private void since(long begun) {
    nanos.add(nanoTime.getAsLong() - begun);
  }

  private final class Counted implements StatementStorage {
    private final StatementStorage storage;

    Counted(StatementStorage storage) {
      this.storage = storage;
    }

    @Override
    public Scan scan(ScanSpec spec) {
      reads.increment();
      long begun = nanoTime.getAsLong();
      try {
        return new CountedScan(storage.scan(spec));
      } finally {
        since(begun);
      }
    }

    @Override
    public Batch lookup(
        TableDescriptor table,
        List<Integer> columns,
        boolean withKey,
        List<byte[]> keys,
        @Nullable Timestamp asOf) {
      reads.increment();
      long begun = nanoTime.getAsLong();
      try {
        return storage.lookup(table, columns, withKey, keys, asOf);
      } finally {
        since(begun);
      }
    }
  }

  private final class CountedScan implements StatementStorage.Scan {
    private final StatementStorage.Scan scan;

    CountedScan(StatementStorage.Scan scan) {
      this.scan = scan;
    }

    @Override
    public List<StatementStorage.Split> splits() {
      return scan.splits().stream().<StatementStorage.Split>map(CountedSplit::new).toList();
    }

    @Override
    public @Nullable KeyRange beyond() {
      return scan.beyond();
    }

    @Override
    public StatementStorage.ScanStatistics statistics() {
      return scan.statistics();
    }

    @Override
    public void close() {
      long begun = nanoTime.getAsLong();
      try {
        scan.close();
      } finally {
        since(begun);
      }
    }
  }

  private final class CountedSplit implements StatementStorage.Split {
    private final StatementStorage.Split split;

    CountedSplit(StatementStorage.Split split) {
      this.split = split;
    }

    @Override
    public long estimatedRows() {
      return split.estimatedRows();
    }

    @Override
    public BatchSource open() {
      long begun = nanoTime.getAsLong();
      try {
        return new CountedBatches(split.open());
      } finally {
        since(begun);
      }
    }
  }

  private final class CountedBatches implements BatchSource {
    private final BatchSource batches;

    CountedBatches(BatchSource batches) {
      this.batches = batches;
    }

    @Override
    public @Nullable Batch next() {
      long begun = nanoTime.getAsLong();
      try {
        return batches.next();
      } finally {
        since(begun);
      }
    }

    @Override
    public void close() {
      batches.close();
    }
  }
}
