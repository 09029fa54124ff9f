package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Group keys that are all dictionary-coded with few entries: the codes combined are an index, so
 * that rows find their group without hashing. Holds for as long as the dictionaries are the same
 * objects. One thread.
 */
final class CodedKeys {
  private static final int MAX_COMBINATIONS = 1 << 12;

  private @Nullable BytesVec[] dictionaries = new BytesVec[0];
  private int[] combined = new int[0];
  private int[] groupOfCombination = new int[0];

  /** False if these keys are not of that kind. */
  boolean encode(Batch batch, int[] keys) {
    int combinations = 1;
    boolean changed = dictionaries.length != keys.length;
    for (int c = 0; c < keys.length; c++) {
      if (!(batch.column(keys[c]) instanceof BytesVec vec)
          || vec.dictionary() == null
          || vec.hasNulls()) {
        return false;
      }
      int entries = vec.dictionary().size();
      if (entries == 0 || combinations > MAX_COMBINATIONS / entries) {
        return false;
      }
      combinations *= entries;
      changed = changed || isOther(vec.dictionary(), c);
    }
    if (changed) {
      if (combinations > batch.selected()) {
        return false;
      }
      remember(batch, keys, combinations);
    }
    combine(batch, keys);
    return true;
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean isOther(BytesVec dictionary, int c) {
    return dictionaries[c] != dictionary;
  }

  private void remember(Batch batch, int[] keys, int combinations) {
    dictionaries = new BytesVec[keys.length];
    for (int c = 0; c < keys.length; c++) {
      dictionaries[c] = ((BytesVec) batch.column(keys[c])).dictionary();
    }
    groupOfCombination = new int[combinations];
    Arrays.fill(groupOfCombination, -1);
  }

  private void combine(Batch batch, int[] keys) {
    int n = batch.selected();
    int[] selection = batch.selection();
    if (combined.length < n) {
      combined = new int[n];
    }
    int[] out = combined;
    for (int c = 0; c < keys.length; c++) {
      BytesVec vec = (BytesVec) batch.column(keys[c]);
      int[] codes = vec.codes();
      BytesVec dictionary = vec.dictionary();
      if (codes == null || dictionary == null) {
        throw new IllegalStateException("a coded vector has codes");
      }
      int entries = dictionary.size();
      for (int k = 0; k < n; k++) {
        int code = codes[selection == null ? k : selection[k]];
        out[k] = c == 0 ? code : out[k] * entries + code;
      }
    }
  }

  /** combined()[k]: the k-th live row's combination of codes. */
  int[] combined() {
    return combined;
  }

  /** Group by combination, -1 = not known yet; for the caller to fill. */
  int[] groupOfCombination() {
    return groupOfCombination;
  }
}
