package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.ByteRanges;
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
import org.jspecify.annotations.Nullable;

/**
 * {@code = <> < <= > >=} of two equal types. Against a constant every operator is a range test, so
 * one kernel per type serves all six; between columns there are {@code <} and {@code =} with a
 * flip. Selections come straight out of the kernels; the boolean form is scattered from the
 * selection.
 */
final class Comparison implements Evaluator {
  private final Fn fn;
  private final Evaluator left;
  private final Evaluator right;
  private @Nullable BytesVec lastDictionary;
  private byte[] matches = new byte[0];

  /** A constant goes to the right. */
  Comparison(Fn fn, Evaluator left, Evaluator right) {
    boolean swap = left instanceof Constant && !(right instanceof Constant);
    this.fn = swap ? mirrored(fn) : fn;
    this.left = swap ? right : left;
    this.right = swap ? left : right;
  }

  private static Fn mirrored(Fn fn) {
    return switch (fn) {
      case LT -> Fn.GT;
      case LE -> Fn.GE;
      case GT -> Fn.LT;
      case GE -> Fn.LE;
      default -> fn;
    };
  }

  @Override
  public SqlType type() {
    return SqlType.BOOLEAN;
  }

  @Override
  public Batch select(Batch batch) {
    Vec a = left.evaluate(batch);
    Vec b = right.evaluate(batch);
    int[] out = new int[batch.selected()];
    int n = compare(a, b, batch, out);
    n = Selections.dropNulls(a.validity(), out, n);
    n = Selections.dropNulls(b.validity(), out, n);
    return n == batch.selected() ? batch : batch.select(out, n);
  }

  @Override
  public Vec evaluate(Batch batch) {
    Vec a = left.evaluate(batch);
    Vec b = right.evaluate(batch);
    int[] rows = new int[batch.selected()];
    int n = compare(a, b, batch, rows);
    byte[] out = new byte[batch.rows()];
    for (int k = 0; k < n; k++) {
      out[rows[k]] = 1;
    }
    return new BoolVec(out, Validity.and(a.validity(), b.validity(), batch.rows()), batch.rows());
  }

  /** Rows for which the slots compare so, whether NULL or not. */
  private int compare(Vec a, Vec b, Batch batch, int[] out) {
    int @Nullable [] selection = batch.selection();
    int count = batch.selected();
    if (right instanceof Constant constant && constant.value() != null) {
      switch (a) {
        case LongVec v -> {
          return range(v.values(), (Long) constant.value(), selection, count, out);
        }
        case IntVec v -> {
          return range(v.values(), (Integer) constant.value(), selection, count, out);
        }
        case DoubleVec v -> {
          return range(v.values(), (Double) constant.value(), selection, count, out);
        }
        case BytesVec v -> {
          if (v.codes() != null && v.dictionary() != null) {
            return byDictionary(v.codes(), v.dictionary(), (BytesVec) b, batch, out);
          }
        }
        case BoolVec v -> {}
        case Int128Vec v -> {}
      }
    }
    return switch (fn) {
      case EQ -> equal(a, b, 0, selection, count, out);
      case NE -> equal(a, b, 1, selection, count, out);
      case LT -> less(a, b, 0, selection, count, out);
      case LE -> less(b, a, 1, selection, count, out);
      case GT -> less(b, a, 0, selection, count, out);
      default -> less(a, b, 1, selection, count, out);
    };
  }

  private int flip() {
    return fn == Fn.NE || fn == Fn.LT || fn == Fn.GT ? 1 : 0;
  }

  private boolean bounded() {
    return fn == Fn.EQ || fn == Fn.NE;
  }

  /** x < c is not (c <= x), x > c is not (x <= c): ranges that are never empty. */
  private int range(long[] v, long c, int @Nullable [] selection, int count, int[] out) {
    boolean fromBelow = fn == Fn.LE || fn == Fn.GT;
    long low = bounded() || !fromBelow ? c : Long.MIN_VALUE;
    long high = bounded() || fromBelow ? c : Long.MAX_VALUE;
    return Selections.inRange(v, low, high, flip(), selection, count, out);
  }

  private int range(int[] v, int c, int @Nullable [] selection, int count, int[] out) {
    boolean fromBelow = fn == Fn.LE || fn == Fn.GT;
    long low = bounded() || !fromBelow ? c : Integer.MIN_VALUE;
    long high = bounded() || fromBelow ? c : Integer.MAX_VALUE;
    return Selections.inRange(v, low, high, flip(), selection, count, out);
  }

  private int range(double[] v, double c, int @Nullable [] selection, int count, int[] out) {
    boolean fromBelow = fn == Fn.LE || fn == Fn.GT;
    long bits = Selections.orderedBits(c);
    long low = bounded() || !fromBelow ? bits : Long.MIN_VALUE;
    long high = bounded() || fromBelow ? bits : Long.MAX_VALUE;
    return Selections.inRange(v, low, high, flip(), selection, count, out);
  }

  private int byDictionary(int[] codes, BytesVec dictionary, BytesVec c, Batch batch, int[] out) {
    if (dictionary != lastDictionary) {
      matches = new byte[dictionary.size()];
      for (int e = 0; e < matches.length; e++) {
        int order =
            ByteRanges.compare(
                dictionary.data(),
                dictionary.start()[e],
                dictionary.length()[e],
                c.data(),
                c.start()[0],
                c.length()[0]);
        matches[e] = (byte) (holds(order) ? 1 : 0);
      }
      lastDictionary = dictionary;
    }
    return Selections.byCode(codes, matches, batch.selection(), batch.selected(), out);
  }

  private boolean holds(int order) {
    return switch (fn) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      default -> order >= 0;
    };
  }

  static int equal(Vec a, Vec b, int flip, int @Nullable [] selection, int count, int[] out) {
    return switch (a) {
      case IntVec v ->
          Selections.equal(v.values(), ((IntVec) b).values(), flip, selection, count, out);
      case LongVec v ->
          Selections.equal(v.values(), ((LongVec) b).values(), flip, selection, count, out);
      case DoubleVec v ->
          Selections.equal(v.values(), ((DoubleVec) b).values(), flip, selection, count, out);
      case Int128Vec v -> {
        Int128Vec w = (Int128Vec) b;
        yield Selections.equal(v.high(), v.low(), w.high(), w.low(), flip, selection, count, out);
      }
      case BoolVec v -> Selections.equal(ints(v), ints((BoolVec) b), flip, selection, count, out);
      case BytesVec v -> equalBytes(v, (BytesVec) b, flip, selection, count, out);
    };
  }

  private static int less(
      Vec a, Vec b, int flip, int @Nullable [] selection, int count, int[] out) {
    return switch (a) {
      case IntVec v ->
          Selections.less(v.values(), ((IntVec) b).values(), flip, selection, count, out);
      case LongVec v ->
          Selections.less(v.values(), ((LongVec) b).values(), flip, selection, count, out);
      case DoubleVec v ->
          Selections.less(v.values(), ((DoubleVec) b).values(), flip, selection, count, out);
      case Int128Vec v -> {
        Int128Vec w = (Int128Vec) b;
        yield Selections.less(v.high(), v.low(), w.high(), w.low(), flip, selection, count, out);
      }
      case BoolVec v -> Selections.less(ints(v), ints((BoolVec) b), flip, selection, count, out);
      case BytesVec v -> lessBytes(v, (BytesVec) b, flip, selection, count, out);
    };
  }

  private static int[] ints(BoolVec vec) {
    int[] out = new int[vec.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = vec.values()[i];
    }
    return out;
  }

  private static int equalBytes(
      BytesVec a, BytesVec b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      int length = a.length()[i];
      boolean equal =
          length == b.length()[i]
              && ByteRanges.equal(a.data(), a.start()[i], b.data(), b.start()[i], length);
      if (equal == (flip == 0)) {
        out[n++] = i;
      }
    }
    return n;
  }

  private static int lessBytes(
      BytesVec a, BytesVec b, int flip, int @Nullable [] selection, int count, int[] out) {
    int n = 0;
    for (int k = 0; k < count; k++) {
      int i = selection == null ? k : selection[k];
      int order =
          ByteRanges.compare(
              a.data(), a.start()[i], a.length()[i], b.data(), b.start()[i], b.length()[i]);
      if (order < 0 == (flip == 0)) {
        out[n++] = i;
      }
    }
    return n;
  }
}
