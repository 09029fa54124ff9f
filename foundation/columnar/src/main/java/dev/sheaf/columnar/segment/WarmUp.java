package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.function.BooleanSupplier;

/** Fetches what a list of hot pages names. Thread-safe. */
final class WarmUp {
  /** Objects that cannot be read one after the other: then the store is the reason. */
  private static final int PATIENCE = 3;

  private WarmUp() {}

  /**
   * Fetches the pages that are not in memory, one request at a time, until enough is fetched or the
   * caller has to stop. Objects that are no longer there are passed over.
   *
   * @param limitBytes after which no other request begins
   * @param stop asked before each request
   * @return bytes fetched
   * @throws SheafException what the store says when it does not work
   */
  static long restore(HotPages hot, Segments segments, long limitBytes, BooleanSupplier stop) {
    long fetched = 0;
    int failures = 0;
    for (HotPages.HotObject object : hot.objects()) {
      if (fetched >= limitBytes || stop.getAsBoolean()) {
        break;
      }
      try {
        fetched += segments.isOpen(object.key()) ? 0 : SegmentFile.tailBytes(object.sizeBytes());
        if (segments.open(object.key(), object.sizeBytes()) instanceof SegmentFile segment) {
          for (HotPages.Run run : object.runs()) {
            fetched +=
                segment.fetch(run.column(), run.first(), run.pages(), limitBytes - fetched, stop);
          }
        }
        failures = 0;
      } catch (SheafException e) {
        boolean gone = e.code() == ErrorCode.DATA_CORRUPTED; // compacted since, most likely
        if (!gone && ++failures == PATIENCE) {
          throw e;
        }
      }
    }
    return fetched;
  }
}
