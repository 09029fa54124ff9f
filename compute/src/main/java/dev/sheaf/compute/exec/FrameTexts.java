package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.BytesBuilder;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * STRING_AGG of frames. All texts of the section are joined once, each with its delimiter before
 * it; a frame without gaps is a view of a part of that. One thread.
 */
final class FrameTexts implements WindowColumn {
  private final FrameBounds bounds;
  private final WindowSection section;
  private final byte[] joined;

  /** Of each text where it begins in {@code joined}. */
  private final int[] begins;

  /** Of each text where it ends, which is where the next one's delimiter begins. */
  private final int[] ends;

  /** Of each row how many texts are before it; at last how many there are. */
  private final int[] before;

  private final int[] ranges = new int[2 * FrameBounds.MAX_RANGES];

  /**
   * @param passing the rows that have texts
   */
  FrameTexts(AggregateCall call, int[] passing, FrameBounds bounds, WindowSection section) {
    this.bounds = bounds;
    this.section = section;
    byte[] constant = Accumulators.delimiter(call);
    BytesVec texts = (BytesVec) section.column(call.argument());
    BytesVec delimiters =
        call.more().isEmpty()
            ? BytesVec.of(constant, new int[1], new int[] {constant.length}, null, 1)
            : (BytesVec) section.column(call.more().getFirst());
    boolean one = call.more().isEmpty();
    long size = 0;
    for (int position : passing) {
      int row = section.row(position);
      size += texts.length()[row] + (long) length(delimiters, one ? 0 : row);
    }
    if (size > Integer.MAX_VALUE - 16) {
      throw new SheafException(
          ErrorCode.OUT_OF_MEMORY, "out of memory: the texts of a window exceed 2 GiB");
    }
    section.memory().add(size + 8L * passing.length + 4L * section.size());
    joined = new byte[(int) size];
    begins = new int[passing.length];
    ends = new int[passing.length];
    before = new int[section.size() + 1];
    int at = 0;
    int next = 0;
    for (int t = 0; t < passing.length; t++) {
      int row = section.row(passing[t]);
      begins[t] = put(delimiters, one ? 0 : row, at);
      at = put(texts, row, begins[t]);
      ends[t] = at;
      while (next <= passing[t]) {
        before[next++] = t;
      }
    }
    while (next < before.length) {
      before[next++] = passing.length;
    }
  }

  /** A delimiter that is NULL is none. */
  private static int length(BytesVec texts, int row) {
    return texts.isNull(row) ? 0 : texts.length()[row];
  }

  /** Where the text ends in {@code joined}. */
  private int put(BytesVec texts, int row, int at) {
    int length = length(texts, row);
    System.arraycopy(texts.data(), texts.start()[row], joined, at, length);
    return at + length;
  }

  @Override
  public Vec values(int from, int count) {
    int[] start = new int[count];
    int[] length = new int[count];
    long[] validity = Validity.allValid(count);
    boolean gaps = false;
    for (int k = 0; k < count; k++) {
      int parts = texts(from + k);
      if (parts == 0) {
        Validity.setNull(validity, k);
      } else {
        start[k] = ranges[0];
        length[k] = ranges[1] - ranges[0];
        gaps |= parts > 1;
      }
    }
    return gaps
        ? copied(from, count, validity)
        : BytesVec.of(joined, start, length, validity, count);
  }

  /**
   * Leaves in {@code ranges} the parts of the joined texts that are the frame's: all but the first
   * begin with a delimiter.
   */
  private int texts(int row) {
    int found = bounds.ranges(row, ranges);
    int parts = 0;
    for (int r = 0; r < found; r++) {
      int first = before[ranges[2 * r]];
      int last = before[ranges[2 * r + 1]];
      if (first < last) {
        ranges[2 * parts] = parts == 0 ? begins[first] : ends[first - 1];
        ranges[2 * parts + 1] = ends[last - 1];
        parts++;
      }
    }
    return parts;
  }

  private Vec copied(int from, int count, long[] validity) {
    var out = new BytesBuilder(count);
    // Not views of one text: a batch of them may need far more memory than their rows.
    try (Reservation scratch = section.execution().reservation()) {
      for (int k = 0; k < count; k++) {
        int parts = texts(from + k);
        out.begin(k);
        for (int p = 0; p < parts; p++) {
          int length = ranges[2 * p + 1] - ranges[2 * p];
          scratch.add(length);
          out.append(joined, ranges[2 * p], length);
        }
        out.end(k);
      }
    }
    return out.build(validity);
  }
}
