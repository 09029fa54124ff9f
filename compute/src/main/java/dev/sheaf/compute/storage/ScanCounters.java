package dev.sheaf.compute.storage;

import dev.sheaf.compute.storage.StatementStorage.ScanStatistics;
import java.util.concurrent.atomic.LongAdder;

/** Figures of one scan, added up by the threads of its splits. */
final class ScanCounters {
  final LongAdder bytesRead = new LongAdder();
  final LongAdder rowsRead = new LongAdder();
  final LongAdder segmentsSkipped = new LongAdder();
  final LongAdder rowGroupsSkipped = new LongAdder();

  ScanStatistics statistics() {
    return new ScanStatistics(
        bytesRead.sum(), rowsRead.sum(), segmentsSkipped.sum(), rowGroupsSkipped.sum());
  }
}
