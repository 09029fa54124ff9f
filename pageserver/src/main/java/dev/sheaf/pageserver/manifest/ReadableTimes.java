package dev.sheaf.pageserver.manifest;

import dev.sheaf.protocol.Timestamp;
import java.util.List;
import java.util.stream.Stream;

/**
 * The timestamps at which a shard can be read: all from one on, and single ones before it. What no
 * such timestamp sees may be gone.
 *
 * @param from readable is every timestamp at or above it
 * @param points readable ones below {@code from}, ascending, distinct
 */
public record ReadableTimes(Timestamp from, List<Timestamp> points) {
  public static final ReadableTimes EVERYTHING = new ReadableTimes(Timestamp.ZERO, List.of());

  public ReadableTimes {
    points = List.copyOf(points);
  }

  public boolean includes(Timestamp timestamp) {
    return timestamp.compareTo(from) >= 0 || points.contains(timestamp);
  }

  /**
   * Whether some readable timestamp sees a row.
   *
   * @param written timestamp of the row
   * @param since when it was superseded or deleted, {@link DeleteVector#NEVER} if it was not
   */
  public boolean reach(long written, long since) {
    if (since > from.value()) {
      return true;
    }
    for (Timestamp point : points) {
      if (point.value() >= written && point.value() < since) {
        return true;
      }
    }
    return false;
  }

  /**
   * What is readable once everything that {@code wanted} does not see has gone, too. Never more
   * than now: a timestamp that is wanted again does not come back.
   *
   * @param newest bound of {@code from}: the state at the newest commit stays
   */
  public ReadableTimes narrowedTo(ReadableTimes wanted, Timestamp newest) {
    Timestamp bound = wanted.from.isAfter(newest) ? newest : wanted.from;
    Timestamp next = bound.isAfter(from) ? bound : from;
    return new ReadableTimes(
        next,
        Stream.concat(points.stream(), wanted.points.stream())
            .filter(point -> includes(point) && wanted.includes(point) && next.isAfter(point))
            .distinct()
            .sorted()
            .toList());
  }
}
