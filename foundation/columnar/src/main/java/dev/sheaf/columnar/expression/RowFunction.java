package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.BytesBuilder;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/**
 * A strict function given row by row, for functions whose own work dwarfs a virtual call per row
 * (text, dates, transcendentals). A total function (one that cannot fail) of one dictionary-coded
 * argument and constants is evaluated once per dictionary entry.
 */
final class RowFunction extends StrictFunction {
  /** What one row gives. */
  sealed interface Body {}

  non-sealed interface ToBool extends Body {
    boolean at(Vec[] in, int row);
  }

  non-sealed interface ToInt extends Body {
    int at(Vec[] in, int row);
  }

  non-sealed interface ToLong extends Body {
    long at(Vec[] in, int row);
  }

  non-sealed interface ToDouble extends Body {
    double at(Vec[] in, int row);
  }

  non-sealed interface ToBytes extends Body {
    void at(Vec[] in, int row, BytesBuilder out);
  }

  private final Body body;
  private final boolean total;
  private @Nullable BytesVec lastDictionary;
  private @Nullable Vec byEntry;

  private RowFunction(SqlType type, boolean total, Body body, Evaluator[] args) {
    super(type, args);
    this.body = body;
    this.total = total;
  }

  /** A function that may fail, so looks at live rows only. */
  static RowFunction of(SqlType type, Body body, Evaluator... args) {
    return new RowFunction(type, false, body, args);
  }

  /** A function that never fails. */
  static RowFunction total(SqlType type, Body body, Evaluator... args) {
    return new RowFunction(type, true, body, args);
  }

  @Override
  Vec compute(Vec[] in, long @Nullable [] validity, Batch batch) {
    int coded = total ? codedArgument(in, batch) : -1;
    if (coded >= 0) {
      return expand((BytesVec) in[coded], perEntry(in, coded), validity, batch.rows());
    }
    LiveRows live = live(batch, validity);
    return loop(in, live.rows(), live.count(), validity, batch.rows());
  }

  /** The only argument that is not constant, if it is dictionary-coded and that pays. */
  private int codedArgument(Vec[] in, Batch batch) {
    int found = -1;
    for (int i = 0; i < in.length; i++) {
      if (!(args()[i] instanceof Constant)) {
        if (found >= 0 || !(in[i] instanceof BytesVec bytes)) {
          return -1;
        }
        BytesVec dictionary = bytes.dictionary();
        boolean pays =
            dictionary != null
                && (dictionary == lastDictionary || dictionary.size() <= batch.selected());
        if (!pays) {
          return -1;
        }
        found = i;
      }
    }
    return found;
  }

  private Vec perEntry(Vec[] in, int coded) {
    BytesVec dictionary = ((BytesVec) in[coded]).dictionary();
    Vec cached = byEntry;
    if (dictionary == null || (dictionary == lastDictionary && cached != null)) {
      return cached == null ? in[coded] : cached;
    }
    int entries = dictionary.size();
    Vec[] overEntries = new Vec[in.length];
    long @Nullable [] validity = null;
    for (int i = 0; i < in.length; i++) {
      overEntries[i] =
          args()[i] instanceof Constant constant ? constant.filled(entries) : dictionary;
      validity = Validity.and(validity, overEntries[i].validity(), entries);
    }
    LiveRows live = live(Batch.of(overEntries, entries), validity);
    Vec result = loop(overEntries, live.rows(), live.count(), validity, entries);
    lastDictionary = dictionary;
    byEntry = result;
    return result;
  }

  private static Vec expand(BytesVec coded, Vec byEntry, long @Nullable [] validity, int rows) {
    int[] codes = coded.codes();
    if (codes == null) {
      throw new IllegalStateException("a vector with a dictionary has codes");
    }
    Vec taken = dev.sheaf.columnar.kernel.Gather.take(byEntry, codes, rows);
    return dev.sheaf.columnar.kernel.Vectors.withValidity(taken, validity);
  }

  private Vec loop(Vec[] in, int[] rows, int count, long @Nullable [] validity, int size) {
    return switch (body) {
      case ToBool f -> {
        byte[] out = new byte[size];
        for (int k = 0; k < count; k++) {
          out[rows[k]] = (byte) (f.at(in, rows[k]) ? 1 : 0);
        }
        yield new BoolVec(out, validity, size);
      }
      case ToInt f -> {
        int[] out = new int[size];
        for (int k = 0; k < count; k++) {
          out[rows[k]] = f.at(in, rows[k]);
        }
        yield new IntVec(out, validity, size);
      }
      case ToLong f -> {
        long[] out = new long[size];
        for (int k = 0; k < count; k++) {
          out[rows[k]] = f.at(in, rows[k]);
        }
        yield new LongVec(out, validity, size);
      }
      case ToDouble f -> {
        double[] out = new double[size];
        for (int k = 0; k < count; k++) {
          out[rows[k]] = f.at(in, rows[k]);
        }
        yield new DoubleVec(out, validity, size);
      }
      case ToBytes f -> {
        var out = new BytesBuilder(size);
        for (int k = 0; k < count; k++) {
          out.begin(rows[k]);
          f.at(in, rows[k], out);
          out.end(rows[k]);
        }
        yield out.build(validity);
      }
    };
  }
}
