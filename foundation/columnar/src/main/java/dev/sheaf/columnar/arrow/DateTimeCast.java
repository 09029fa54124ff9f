package dev.sheaf.columnar.arrow;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Conversions among dates, times, timestamps and their ISO text. A timestamp without a zone counts
 * as UTC where one with a zone is wanted, and the other way round. Pure.
 */
final class DateTimeCast {
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private DateTimeCast() {}

  static Object cast(Object value, SqlType from, Field target) {
    if (from.kind() == target.type().kind()) {
      return value;
    }
    if (from.isText()) {
      return parse(ValueCast.utf8(value).strip(), target);
    }
    boolean fromTimestamp =
        from.kind() == SqlType.Kind.TIMESTAMP || from.kind() == SqlType.Kind.TIMESTAMPTZ;
    return switch (target.type().kind()) {
      case TIMESTAMP, TIMESTAMPTZ -> {
        if (fromTimestamp) {
          yield value;
        }
        if (from.kind() == SqlType.Kind.DATE) {
          yield (Integer) value * MICROS_PER_DAY;
        }
        throw ValueCast.mismatch(from, target);
      }
      case DATE -> {
        if (!fromTimestamp) {
          throw ValueCast.mismatch(from, target);
        }
        yield (int) Math.floorDiv((Long) value, MICROS_PER_DAY);
      }
      default -> throw ValueCast.mismatch(from, target);
    };
  }

  private static Object parse(String text, Field target) {
    try {
      return switch (target.type().kind()) {
        case DATE -> (int) LocalDate.parse(text).toEpochDay();
        case TIME -> LocalTime.parse(text).toNanoOfDay() / 1000;
        case TIMESTAMP -> micros(LocalDateTime.parse(isoText(text)).toInstant(ZoneOffset.UTC));
        default -> micros(OffsetDateTime.parse(isoText(text)).toInstant());
      };
    } catch (DateTimeException | ArithmeticException e) {
      throw new SheafException(
              ErrorCode.INVALID_DATETIME_FORMAT,
              "invalid input for type " + target.type() + ": \"" + text + "\"")
          .withHint("Write 2024-12-31, 23:59:59.5, 2024-12-31 23:59:59 or ...T23:59:59Z.");
    }
  }

  private static String isoText(String text) {
    String iso = text.length() == 10 ? text + "T00:00:00" : text;
    return iso.length() > 10 && iso.charAt(10) == ' '
        ? iso.substring(0, 10) + 'T' + iso.substring(11)
        : iso;
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  static String text(Object value, SqlType from) {
    return switch (from.kind()) {
      case DATE -> LocalDate.ofEpochDay((Integer) value).toString();
      case TIME -> LocalTime.ofNanoOfDay((Long) value * 1000).toString();
      case TIMESTAMP -> dateTime((Long) value).toString().replace('T', ' ');
      default -> dateTime((Long) value).toString().replace('T', ' ') + "Z";
    };
  }

  private static LocalDateTime dateTime(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L),
        (int) Math.floorMod(micros, 1_000_000L) * 1000,
        ZoneOffset.UTC);
  }
}
