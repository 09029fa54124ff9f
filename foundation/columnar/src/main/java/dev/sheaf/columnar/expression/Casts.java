package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;

/** Chooses the cast from one type to another; refuses pairs that PostgreSQL has no cast for. */
final class Casts {
  private Casts() {}

  /**
   * @param assignment ASSIGN_CAST: too long text is an error
   */
  static Evaluator compile(
      boolean assignment, Evaluator arg, SqlType to, EvaluationContext context) {
    SqlType from = arg.type();
    if (from.kind() == Kind.NULL) {
      return new NullCast(to);
    }
    if (to.isText() || from.isText()) {
      return from.isText() && to.isText()
          ? TextCasts.lengthOnly(assignment, arg, to)
          : to.isText()
              ? TextCasts.format(assignment, arg, to, context.zone())
              : TextCasts.parse(arg, to, context.zone());
    }
    if (from.kind() == to.kind() && from.kind() != Kind.DECIMAL) {
      return arg;
    }
    if (from.isNumeric() && to.isNumeric()) {
      return new NumericCast(arg, to);
    }
    if (from.kind() == Kind.BOOLEAN && to.isNumeric()) {
      Evaluator asInt =
          RowFunction.of(
              SqlType.INTEGER, (RowFunction.ToInt) (in, i) -> ((BoolVec) in[0]).values()[i], arg);
      return to.kind() == Kind.INTEGER ? asInt : new NumericCast(asInt, to);
    }
    if (to.kind() == Kind.BOOLEAN && from.physical() == dev.sheaf.protocol.type.PhysicalType.INT) {
      return RowFunction.of(
          to, (RowFunction.ToBool) (in, i) -> ((IntVec) in[0]).values()[i] != 0, arg);
    }
    if (to.kind() == Kind.BOOLEAN && from.kind() == Kind.BIGINT) {
      return RowFunction.of(
          to, (RowFunction.ToBool) (in, i) -> ((LongVec) in[0]).values()[i] != 0, arg);
    }
    Evaluator dateTime = DateTimeCasts.compile(arg, to, context.zone());
    if (dateTime == null) {
      throw new SheafException(
          ErrorCode.DATATYPE_MISMATCH,
          "cannot cast type " + from.kind().sqlName() + " to " + to.kind().sqlName());
    }
    return dateTime;
  }

  /** An untyped NULL takes any type. */
  private record NullCast(SqlType type) implements Evaluator {
    @Override
    public Vec evaluate(Batch batch) {
      return Vectors.nulls(type.physical(), batch.rows());
    }
  }
}
