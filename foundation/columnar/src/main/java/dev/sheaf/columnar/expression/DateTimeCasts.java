package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToInt;
import dev.sheaf.columnar.expression.RowFunction.ToLong;
import dev.sheaf.columnar.text.ZonedMicros;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Casts among DATE, TIME, TIMESTAMP, TIMESTAMPTZ and intervals. */
final class DateTimeCasts {
  private DateTimeCasts() {}

  /** Null if there is no such cast. */
  static @Nullable Evaluator compile(Evaluator arg, SqlType to, ZoneId zone) {
    Kind from = arg.type().kind();
    return switch (to.kind()) {
      case DATE ->
          hasDate(from)
              ? RowFunction.of(to, (ToInt) (in, i) -> dayOf(localMicros(from, in[0], i, zone)), arg)
              : null;
      case TIME ->
          from == Kind.TIMESTAMP || from == Kind.TIMESTAMPTZ || from == Kind.INTERVAL_DAY_TIME
              ? RowFunction.of(
                  to,
                  (ToLong)
                      (in, i) ->
                          Math.floorMod(localMicros(from, in[0], i, zone), ZonedMicros.PER_DAY),
                  arg)
              : null;
      case TIMESTAMP ->
          hasDate(from)
              ? RowFunction.of(to, (ToLong) (in, i) -> localMicros(from, in[0], i, zone), arg)
              : null;
      case TIMESTAMPTZ ->
          hasDate(from)
              ? RowFunction.of(
                  to,
                  (ToLong)
                      (in, i) -> ZonedMicros.toInstant(localMicros(from, in[0], i, zone), zone),
                  arg)
              : null;
      case INTERVAL_DAY_TIME -> from == Kind.TIME ? new TextCasts.Retyped(arg, to) : null;
      default -> null;
    };
  }

  private static boolean hasDate(Kind kind) {
    return kind == Kind.DATE || kind == Kind.TIMESTAMP || kind == Kind.TIMESTAMPTZ;
  }

  /** Local microseconds of any date or time value. */
  static long localMicros(Kind kind, Vec vec, int row, ZoneId zone) {
    if (kind == Kind.DATE) {
      return ((IntVec) vec).values()[row] * ZonedMicros.PER_DAY;
    }
    long micros = ((LongVec) vec).values()[row];
    return kind == Kind.TIMESTAMPTZ ? ZonedMicros.toLocal(micros, zone) : micros;
  }

  static int dayOf(long localMicros) {
    return (int) Math.floorDiv(localMicros, ZonedMicros.PER_DAY);
  }
}
