package dev.sheaf.compute.exec;

import dev.sheaf.protocol.type.PhysicalType;

/**
 * How the key columns of a row become a few words, so that hash tables compare longs only.
 *
 * <pre>
 * BOOL, INT   the value                             NULL = NULL_WORD
 * BYTES       the string's number in an interner    NULL = NULL_WORD; unknown to a look-up = ABSENT_WORD
 * LONG        the value                             NULL = 0 and a bit in the null word
 * DOUBLE      bits, -0 as 0, one NaN                likewise
 * INT128      low word, high word                   likewise
 * </pre>
 *
 * The null words come last and exist only if a column needs them and NULLs can occur in keys.
 *
 * @param types of the key columns
 * @param offsets first word of each column
 * @param nullWord position of the first null word, -1 = none; there is one for 64 columns
 * @param words in all
 */
record KeyLayout(PhysicalType[] types, int[] offsets, int nullWord, int words) {
  /** Outside the range of what narrow columns store. */
  static final long NULL_WORD = Long.MIN_VALUE;

  static final long ABSENT_WORD = Long.MIN_VALUE + 1;

  static KeyLayout of(PhysicalType[] types, boolean nullsMatter) {
    int[] offsets = new int[types.length];
    int words = 0;
    boolean wide = false;
    for (int c = 0; c < types.length; c++) {
      offsets[c] = words;
      words += types[c] == PhysicalType.INT128 ? 2 : 1;
      wide |= !narrow(types[c]);
    }
    boolean nullWord = wide && nullsMatter;
    int nullWords = nullWord ? (types.length + Long.SIZE - 1) / Long.SIZE : 0;
    return new KeyLayout(types, offsets, nullWord ? words : -1, words + nullWords);
  }

  static boolean narrow(PhysicalType type) {
    return switch (type) {
      case BOOL, INT, BYTES -> true;
      case LONG, INT128, DOUBLE -> false;
    };
  }
}
