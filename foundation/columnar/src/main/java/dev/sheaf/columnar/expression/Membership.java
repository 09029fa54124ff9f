package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.SqlType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * IN over constants: a sorted array for what fits a long, a set otherwise, a match table per
 * dictionary for coded text. A NULL in the list turns "not found" into NULL.
 */
final class Membership implements Evaluator {
  private final Evaluator arg;
  private final boolean listHasNull;
  private final long[] sorted;
  private final Set<Object> others = new HashSet<>();
  private @Nullable BytesVec lastDictionary;
  private byte[] matches = new byte[0];

  Membership(Evaluator arg, List<Constant> list) {
    this.arg = arg;
    this.listHasNull = list.stream().anyMatch(Constant::isNull);
    long[] numbers = new long[list.size()];
    int n = 0;
    for (Constant constant : list) {
      switch (constant.value()) {
        case null -> {}
        case Integer i -> numbers[n++] = i;
        case Long l -> numbers[n++] = l;
        case Double d -> numbers[n++] = Selections.orderedBits(d);
        case Boolean b -> numbers[n++] = b ? 1 : 0;
        case byte[] bytes -> others.add(ByteBuffer.wrap(bytes));
        case Object big -> others.add(big);
      }
    }
    this.sorted = Arrays.copyOf(numbers, n);
    Arrays.sort(sorted);
  }

  @Override
  public SqlType type() {
    return SqlType.BOOLEAN;
  }

  @Override
  public Batch select(Batch batch) {
    Vec in = arg.evaluate(batch);
    int[] out = new int[batch.selected()];
    int n = find(in, batch, out);
    n = Selections.dropNulls(in.validity(), out, n);
    return n == batch.selected() ? batch : batch.select(out, n);
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec in = arg.evaluate(batch);
    int[] rows = new int[batch.selected()];
    int n = find(in, batch, rows);
    byte[] out = new byte[batch.rows()];
    for (int k = 0; k < n; k++) {
      out[rows[k]] = 1;
    }
    long @Nullable [] validity = in.validity();
    if (listHasNull) {
      long[] found = new long[Validity.words(batch.rows())];
      for (int k = 0; k < n; k++) {
        Validity.setValid(found, rows[k]);
      }
      validity = Validity.and(validity, found, batch.rows());
    }
    return new BoolVec(out, validity, batch.rows());
  }

  private int find(Vec in, Batch batch, int[] out) {
    int[] codes = in instanceof BytesVec bytes ? bytes.codes() : null;
    BytesVec dictionary = in instanceof BytesVec bytes ? bytes.dictionary() : null;
    if (codes != null && dictionary != null) {
      if (dictionary != lastDictionary) {
        matches = new byte[dictionary.size()];
        for (int e = 0; e < matches.length; e++) {
          matches[e] = (byte) (contains(dictionary, e) ? 1 : 0);
        }
        lastDictionary = dictionary;
      }
      return Selections.byCode(codes, matches, batch.selection(), batch.selected(), out);
    }
    int n = 0;
    for (int k = 0; k < batch.selected(); k++) {
      int i = batch.row(k);
      if (!in.isNull(i) && contains(in, i)) {
        out[n++] = i;
      }
    }
    return n;
  }

  private boolean contains(Vec in, int row) {
    return switch (in) {
      case IntVec v -> contains(v.values()[row]);
      case LongVec v -> contains(v.values()[row]);
      case DoubleVec v -> contains(Selections.orderedBits(v.values()[row]));
      case BoolVec v -> contains(v.values()[row]);
      case Int128Vec v -> others.contains(Int128Vec.toBigInteger(v.high()[row], v.low()[row]));
      case BytesVec v ->
          others.contains(ByteBuffer.wrap(v.data(), v.start()[row], v.length()[row]));
    };
  }

  private boolean contains(long value) {
    if (sorted.length <= 8) {
      for (long s : sorted) {
        if (s == value) {
          return true;
        }
      }
      return false;
    }
    return Arrays.binarySearch(sorted, value) >= 0;
  }
}
