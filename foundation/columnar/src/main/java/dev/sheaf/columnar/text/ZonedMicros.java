package dev.sheaf.columnar.text;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;

/**
 * Between instants and local times of a zone, both as microseconds since 1970-01-01 00:00. A local
 * time in a gap takes the offset before the transition, one that occurs twice the earlier instant,
 * as in PostgreSQL. Pure.
 */
public final class ZonedMicros {
  public static final long PER_SECOND = 1_000_000L;
  public static final long PER_DAY = 86_400L * PER_SECOND;

  private ZonedMicros() {}

  public static long toInstant(long localMicros, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    long second = Math.floorDiv(localMicros, PER_SECOND);
    ZoneOffset offset =
        rules.isFixedOffset()
            ? rules.getOffset(Instant.EPOCH)
            : rules.getOffset(LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC));
    return localMicros - offset.getTotalSeconds() * PER_SECOND;
  }

  public static long toLocal(long instantMicros, ZoneId zone) {
    long second = Math.floorDiv(instantMicros, PER_SECOND);
    ZoneOffset offset = zone.getRules().getOffset(Instant.ofEpochSecond(second));
    return instantMicros + offset.getTotalSeconds() * PER_SECOND;
  }

  public static long ofInstant(Instant instant) {
    return instant.getEpochSecond() * PER_SECOND + instant.getNano() / 1000;
  }
}
