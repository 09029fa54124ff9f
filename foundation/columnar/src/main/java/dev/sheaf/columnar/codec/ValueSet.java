package dev.sheaf.columnar.codec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A run of integers as entries of the set of them.
 *
 * @param entries in the order of their first use; as many as {@code size}, then nothing
 * @param codes the entry of each value
 */
record ValueSet(long[] entries, int size, long[] codes) {
  static final int MAX_SIZE = 256;
  private static final int SLOTS = 1024;

  /** Null when there are more than {@link #MAX_SIZE} different values. */
  static @Nullable ValueSet of(long[] values, int count) {
    long[] entries = new long[MAX_SIZE];
    long[] codes = new long[count];
    short[] slots = new short[SLOTS]; // entry + 1
    int size = 0;
    for (int i = 0; i < count; i++) {
      int slot = (int) ((values[i] * 0x9E3779B97F4A7C15L) >>> 54);
      while (slots[slot] != 0 && entries[slots[slot] - 1] != values[i]) {
        slot = (slot + 1) & (SLOTS - 1);
      }
      if (slots[slot] == 0) {
        if (size == MAX_SIZE) {
          return null;
        }
        entries[size++] = values[i];
        slots[slot] = (short) size;
      }
      codes[i] = slots[slot] - 1;
    }
    return new ValueSet(Arrays.copyOf(entries, size), size, codes);
  }
}
