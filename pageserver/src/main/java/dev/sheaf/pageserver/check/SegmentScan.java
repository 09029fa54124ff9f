package dev.sheaf.pageserver.check;

import dev.sheaf.columnar.segment.RangeReader;
import dev.sheaf.columnar.segment.SegmentCheck;
import dev.sheaf.columnar.segment.SegmentSource;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import java.util.Arrays;

/**
 * Reads one segment and compares it with what the manifest says of it and with its delete vector.
 * Used by one thread, once.
 */
final class SegmentScan implements SegmentCheck.Listener {
  private final SegmentMeta meta;
  private final DeleteVector deleted;
  private final Findings findings;
  private final Tally tally;
  private int nextDeleted;
  private long rowsSeen;
  private boolean damaged;

  SegmentScan(SegmentMeta meta, DeleteVector deleted, Findings findings, Tally tally) {
    this.meta = meta;
    this.deleted = deleted;
    this.findings = findings;
    this.tally = tally;
  }

  /** False if not all of it could be read, or its rows are not in order. */
  boolean run(RangeReader reader) {
    if (TableKey.tableIdOf(meta.minKey()) != meta.tableId()
        || TableKey.tableIdOf(meta.maxKey()) != meta.tableId()) {
      wrong("its keys are not of table " + meta.tableId());
    }
    SegmentCheck.run(new SegmentSource(meta.objectKey(), meta.sizeBytes(), reader), this);
    if (!damaged && rowsSeen != meta.rows()) {
      wrong("it has " + rowsSeen + " rows, the manifest says " + meta.rows());
    }
    return !damaged;
  }

  @Override
  public void goesOn() {
    tally.step();
  }

  @Override
  public void damaged(SheafException what) {
    damaged = true;
    findings.add(meta.objectKey(), what);
  }

  @Override
  public void rows(long firstRow, BytesVec keys, long[] timestamps) {
    int count = keys.size();
    rowsSeen += count;
    // In between they ascend: whatever does not has been found before.
    if (Arrays.compareUnsigned(keys.bytes(0), meta.minKey()) < 0) {
      wrong("row " + firstRow + ": its key is below the manifest's least");
    }
    if (Arrays.compareUnsigned(keys.bytes(count - 1), meta.maxKey()) > 0) {
      wrong("row " + (firstRow + count - 1) + ": its key is above the manifest's greatest");
    }
    if (meta.storesTimestamps() != timestamps.length > 0) {
      wrong("it has timestamps, or has none, other than the manifest says");
    } else {
      for (int i = 0; i < count; i++) {
        row(firstRow + i, timestamps.length > 0 ? timestamps[i] : meta.minTimestamp().value());
      }
    }
    tally.rows(count);
  }

  private void row(long row, long written) {
    boolean late = written > meta.maxTimestamp().value();
    if (written < meta.minTimestamp().value() || (late && !meta.capped())) {
      wrong("row " + row + ": it is of " + written + ", outside of what the manifest says");
    }
    while (nextDeleted < deleted.size() && deleted.rows()[nextDeleted] < row) {
      nextDeleted++;
    }
    if (nextDeleted < deleted.size() && deleted.rows()[nextDeleted] == row) {
      long since = deleted.since()[nextDeleted];
      if (since <= written) {
        wrong("row " + row + ": it is of " + written + ", superseded since " + since + " already");
      }
    }
  }

  private void wrong(String what) {
    findings.add(meta.objectKey(), what);
  }
}
