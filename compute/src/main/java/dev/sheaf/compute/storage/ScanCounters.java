package dev.sheaf.compute.storage;

import java.util.concurrent.atomic.LongAdder;

/** Figures of one scan, added up by the threads of its splits. */
final class ScanCounters {
  final LongAdder bytesRead = new LongAdder();
  final LongAdder segmentsSkipped = new LongAdder();
  final LongAdder freshRows = new LongAdder();
}
