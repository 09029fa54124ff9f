package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import java.util.BitSet;

/**
 * Which probe rows have had a match, where the build side comes in parts and the probe rows pass by
 * each of them in the same order. One thread.
 */
final class ProbeMarks {
  private final BitSet matched = new BitSet();
  private int begin;
  private int next;
  private boolean last;

  /** The probe rows begin again. */
  void restart(boolean withLastPart) {
    next = 0;
    last = withLastPart;
  }

  /** The marks of a dense batch's rows as they are so far. */
  byte[] of(Batch batch) {
    begin = next;
    next = Math.addExact(begin, batch.rows());
    byte[] out = new byte[batch.rows()];
    for (int i = matched.nextSetBit(begin); i >= 0 && i < next; i = matched.nextSetBit(i + 1)) {
      out[i - begin] = 1;
    }
    return out;
  }

  /**
   * Takes the marks of the batch.
   *
   * @return whether another part comes, so that nothing can be said of the rows yet
   */
  boolean keep(byte[] marks) {
    for (int i = 0; i < next - begin; i++) {
      if (marks[i] != 0) {
        matched.set(begin + i);
      }
    }
    return !last;
  }
}
