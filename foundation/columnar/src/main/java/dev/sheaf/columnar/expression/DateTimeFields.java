package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToInt;
import dev.sheaf.columnar.expression.RowFunction.ToLong;
import dev.sheaf.columnar.text.ZonedMicros;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import org.jspecify.annotations.Nullable;

/** EXTRACT and DATE_TRUNC. */
final class DateTimeFields {
  private static final long HOUR = 3600 * ZonedMicros.PER_SECOND;
  private static final long MINUTE = 60 * ZonedMicros.PER_SECOND;

  private DateTimeFields() {}

  static Evaluator extract(SqlType type, Evaluator field, Evaluator x, ZoneId zone) {
    Kind kind = x.type().kind();
    String constant = constantText(field);
    return RowFunction.of(
        type,
        (ToLong)
            (in, i) -> {
              String name = constant == null ? TextFunctions.text(in, 0, i) : constant;
              return switch (kind) {
                case INTERVAL_YEAR_MONTH -> ofMonths(name, ((IntVec) in[1]).values()[i]);
                case INTERVAL_DAY_TIME -> ofInterval(name, ((LongVec) in[1]).values()[i]);
                case TIME -> ofTime(name, ((LongVec) in[1]).values()[i], Kind.TIME);
                case DATE, TIMESTAMP, TIMESTAMPTZ -> ofTimestamp(name, kind, in[1], i, zone);
                default -> throw EvaluationErrors.unsupported(Fn.EXTRACT, x.type());
              };
            },
        field,
        x);
  }

  /** The field's name where it is the same for all rows: the usual case. */
  private static @Nullable String constantText(Evaluator field) {
    return field instanceof Constant c && c.value() instanceof byte[] utf8
        ? new String(utf8, StandardCharsets.UTF_8)
        : null;
  }

  private static SheafException unknown(String field, Kind kind) {
    return new SheafException(
        ErrorCode.FEATURE_NOT_SUPPORTED,
        "unit \""
            + field.toLowerCase(java.util.Locale.ROOT)
            + "\" not supported for type "
            + kind.sqlName());
  }

  private static long ofMonths(String field, int months) {
    return switch (field) {
      case "YEAR" -> months / 12;
      case "MONTH" -> months % 12;
      case "QUARTER" -> months % 12 / 3 + 1;
      case "DECADE" -> months / 120;
      case "CENTURY" -> months / 1200;
      case "MILLENNIUM" -> months / 12_000;
      case "EPOCH" -> months / 12 * 31_557_600L + months % 12 * 2_592_000L;
      default -> throw unknown(field, Kind.INTERVAL_YEAR_MONTH);
    };
  }

  private static long ofInterval(String field, long micros) {
    return switch (field) {
      case "DAY" -> micros / ZonedMicros.PER_DAY;
      case "EPOCH" -> micros / ZonedMicros.PER_SECOND;
      default -> ofTime(field, micros % ZonedMicros.PER_DAY, Kind.INTERVAL_DAY_TIME);
    };
  }

  private static long ofTime(String field, long micros, Kind kind) {
    return switch (field) {
      case "HOUR" -> micros / HOUR;
      case "MINUTE" -> micros / MINUTE % 60;
      case "SECOND" -> micros / ZonedMicros.PER_SECOND % 60;
      case "MILLISECOND" -> micros % MINUTE / 1000;
      case "MICROSECOND" -> micros % MINUTE;
      case "EPOCH" -> micros / ZonedMicros.PER_SECOND;
      default -> throw unknown(field, kind);
    };
  }

  private static long ofTimestamp(String field, Kind kind, Vec vec, int row, ZoneId zone) {
    if (field.equals("EPOCH")) {
      long micros =
          kind == Kind.TIMESTAMPTZ
              ? ((LongVec) vec).values()[row]
              : DateTimeCasts.localMicros(kind, vec, row, zone);
      return Math.floorDiv(micros, ZonedMicros.PER_SECOND);
    }
    long local = DateTimeCasts.localMicros(kind, vec, row, zone);
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(local, ZonedMicros.PER_DAY));
    int year = date.getYear();
    return switch (field) {
      case "YEAR" -> year <= 0 ? year - 1 : year;
      case "MONTH" -> date.getMonthValue();
      case "DAY" -> date.getDayOfMonth();
      case "QUARTER" -> (date.getMonthValue() + 2) / 3;
      case "WEEK" -> date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
      case "DOW" -> date.getDayOfWeek().getValue() % 7;
      case "ISODOW" -> date.getDayOfWeek().getValue();
      case "DOY" -> date.getDayOfYear();
      case "ISOYEAR" -> {
        int isoYear = date.get(IsoFields.WEEK_BASED_YEAR);
        yield isoYear <= 0 ? isoYear - 1 : isoYear;
      }
      case "DECADE" -> Math.floorDiv(year, 10);
      case "CENTURY" -> year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100);
      case "MILLENNIUM" -> year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000);
      default -> ofTime(field, Math.floorMod(local, ZonedMicros.PER_DAY), kind);
    };
  }

  static Evaluator truncate(SqlType type, Evaluator field, Evaluator x, ZoneId zone) {
    Kind kind = x.type().kind();
    return switch (kind) {
      case DATE ->
          RowFunction.of(
              type,
              (ToInt)
                  (in, i) ->
                      DateTimeCasts.dayOf(
                          truncated(
                              TextFunctions.text(in, 0, i),
                              DateTimeCasts.localMicros(kind, in[1], i, zone),
                              kind)),
              field,
              x);
      case TIMESTAMP ->
          RowFunction.of(
              type,
              (ToLong)
                  (in, i) ->
                      truncated(TextFunctions.text(in, 0, i), ((LongVec) in[1]).values()[i], kind),
              field,
              x);
      case TIMESTAMPTZ ->
          RowFunction.of(
              type,
              (ToLong)
                  (in, i) -> {
                    long local = DateTimeCasts.localMicros(kind, in[1], i, zone);
                    long cut = truncated(TextFunctions.text(in, 0, i), local, kind);
                    return ZonedMicros.toInstant(cut, zone);
                  },
              field,
              x);
      case TIME, INTERVAL_DAY_TIME ->
          RowFunction.of(
              type,
              (ToLong)
                  (in, i) -> {
                    long micros = ((LongVec) in[1]).values()[i];
                    return micros - micros % unit(TextFunctions.text(in, 0, i), kind);
                  },
              field,
              x);
      default -> throw EvaluationErrors.unsupported(Fn.DATE_TRUNC, x.type());
    };
  }

  private static long unit(String field, Kind kind) {
    return switch (field) {
      case "DAY" -> ZonedMicros.PER_DAY;
      case "HOUR" -> HOUR;
      case "MINUTE" -> MINUTE;
      case "SECOND" -> ZonedMicros.PER_SECOND;
      case "MILLISECOND" -> 1000;
      case "MICROSECOND" -> 1;
      default -> throw unknown(field, kind);
    };
  }

  private static long truncated(String field, long local, Kind kind) {
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(local, ZonedMicros.PER_DAY));
    int year = date.getYear();
    LocalDate cut =
        switch (field) {
          case "WEEK" -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
          case "MONTH" -> date.withDayOfMonth(1);
          case "QUARTER" -> LocalDate.of(year, (date.getMonthValue() - 1) / 3 * 3 + 1, 1);
          case "YEAR" -> LocalDate.of(year, 1, 1);
          case "DECADE" -> LocalDate.of(Math.floorDiv(year, 10) * 10, 1, 1);
          case "CENTURY" -> LocalDate.of(Math.floorDiv(year - 1, 100) * 100 + 1, 1, 1);
          case "MILLENNIUM" -> LocalDate.of(Math.floorDiv(year - 1, 1000) * 1000 + 1, 1, 1);
          default -> null;
        };
    return cut == null
        ? local - Math.floorMod(local, unit(field, kind))
        : cut.toEpochDay() * ZonedMicros.PER_DAY;
  }
}
