package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.FrameShape.Edge;
import dev.sheaf.columnar.kernel.Int128;
import dev.sheaf.columnar.kernel.Selections;
import dev.sheaf.columnar.text.ZonedMicros;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.protocol.type.SqlType.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * An edge of RANGE frames that is an offset away from the current row's key. Keys moved out of
 * their type's range are beyond all others. Immutable.
 */
final class RangeEdge {
  private static final BigInteger MIN_WIDE = BigInteger.ONE.shiftLeft(127).negate();
  private static final BigInteger MAX_WIDE = BigInteger.ONE.shiftLeft(127).subtract(BigInteger.ONE);

  /** Days whose microseconds, and a day more, are in range. */
  private static final long MAX_DAYS = Long.MAX_VALUE / ZonedMicros.PER_DAY - 2;

  private final SortKey key;
  private final SqlType type;
  private final boolean isStart;
  private final boolean byMonths;
  private final ZoneId zone;

  /** What keys are moved by, its sign included: BigInteger or Double. */
  private final Number move;

  private RangeEdge(
      SortKey key,
      SqlType type,
      Object offset,
      SqlType offsetType,
      Edge edge,
      boolean isStart,
      Execution execution) {
    this.key = key;
    this.type = type;
    this.isStart = isStart;
    this.byMonths =
        offsetType.kind() == Kind.INTERVAL_YEAR_MONTH && type.kind() != offsetType.kind();
    this.zone = execution.evaluation().zone();
    boolean down = (edge == Edge.PRECEDING) != key.descending();
    if (offset instanceof Double distance) {
      if (!(distance >= 0)) {
        throw invalid();
      }
      this.move = down ? -distance : distance;
    } else {
      BigInteger distance = distance(offset, offsetType, edge);
      if (distance.signum() < 0) {
        throw invalid();
      }
      this.move = down ? distance.negate() : distance;
    }
  }

  /**
   * @param type of the key
   * @param offset physical, of {@code offsetType}
   */
  static RangeEdge start(
      SortKey key,
      SqlType type,
      Object offset,
      SqlType offsetType,
      Edge edge,
      Execution execution) {
    return new RangeEdge(key, type, offset, offsetType, edge, true, execution);
  }

  /** As {@link #start}. */
  static RangeEdge end(
      SortKey key,
      SqlType type,
      Object offset,
      SqlType offsetType,
      Edge edge,
      Execution execution) {
    return new RangeEdge(key, type, offset, offsetType, edge, false, execution);
  }

  private static SheafException invalid() {
    return new SheafException(
        ErrorCode.INVALID_PRECEDING_OR_FOLLOWING_SIZE,
        "invalid preceding or following size in window function");
  }

  /**
   * The offset in the key's unit. An offset of more digits after the point than keys have is
   * rounded such that the same keys are in the frame.
   */
  private BigInteger distance(Object offset, SqlType offsetType, Edge edge) {
    BigInteger whole =
        offset instanceof BigInteger wide
            ? wide
            : BigInteger.valueOf(((Number) offset).longValue());
    if (type.kind() != Kind.DECIMAL) {
      return whole;
    }
    boolean roundDown = isStart == (edge == Edge.PRECEDING);
    BigInteger unscaled =
        new BigDecimal(whole, offsetType.scale())
            .setScale(type.scale(), roundDown ? RoundingMode.FLOOR : RoundingMode.CEILING)
            .unscaledValue();
    BigInteger most =
        type.physical() == PhysicalType.LONG ? BigInteger.valueOf(Long.MAX_VALUE) : MAX_WIDE;
    return unscaled.min(most);
  }

  SortKey key() {
    return key;
  }

  /**
   * The first of the rows, which have keys that are not NULL, that is not before the edge of {@code
   * current}'s frame: the frame's first row, or for an end the one after its last.
   *
   * @param from no row before this one is it
   */
  int find(Moved keys, WindowSection section, int current, int from, int to) {
    keys.moveFrom(section.row(current));
    int j = from;
    while (j < to && isBefore(keys.compare(section.row(j)))) {
      j++;
    }
    return j;
  }

  private boolean isBefore(int order) {
    int inOrder = key.descending() ? -order : order;
    return isStart ? inOrder < 0 : inOrder <= 0;
  }

  /** Compares keys with a moved one. One thread. */
  interface Moved {
    /** Takes this row's key and moves it. */
    void moveFrom(int row);

    /** The order of this row's key and the moved one. */
    int compare(int row);
  }

  Moved over(Vec keys) {
    return switch (keys) {
      case DoubleVec v -> new MovedDouble(v.values(), move.doubleValue());
      case Int128Vec v -> new MovedWide(v, (BigInteger) move);
      case LongVec v -> new MovedLong(v, 1);
      case IntVec v ->
          new MovedLong(v, type.kind() == Kind.DATE && !byMonths ? ZonedMicros.PER_DAY : 1);
      default -> throw new IllegalArgumentException("not moved by an offset: " + type);
    };
  }

  private static final class MovedDouble implements Moved {
    private final double[] keys;
    private final double move;
    private boolean matchesAll;
    private long moved;

    MovedDouble(double[] keys, double move) {
      this.keys = keys;
      this.move = move;
    }

    @Override
    public void moveFrom(int row) {
      double sum = keys[row] + move;
      // Infinities that cancel out: everything is near enough.
      matchesAll = Double.isNaN(sum) && !Double.isNaN(keys[row]);
      moved = Selections.orderedBits(sum);
    }

    @Override
    public int compare(int row) {
      return matchesAll ? 0 : Long.compare(Selections.orderedBits(keys[row]), moved);
    }
  }

  private static final class MovedWide implements Moved {
    private final Int128Vec keys;
    private final BigInteger move;
    private long high;
    private long low;

    MovedWide(Int128Vec keys, BigInteger move) {
      this.keys = keys;
      this.move = move;
    }

    @Override
    public void moveFrom(int row) {
      BigInteger sum =
          Int128Vec.toBigInteger(keys.high()[row], keys.low()[row])
              .add(move)
              .max(MIN_WIDE)
              .min(MAX_WIDE);
      high = sum.shiftRight(64).longValue();
      low = sum.longValue();
    }

    @Override
    public int compare(int row) {
      return Int128.compare(keys.high()[row], keys.low()[row], high, low);
    }
  }

  /** Whole numbers, and dates and times by their own unit or by months. */
  private final class MovedLong implements Moved {
    private final Vec keys;
    private final long unit;
    private final long by;
    private long moved;

    /** 1 if the moved key is beyond all others, -1 if it is before them, else 0. */
    private int beyond;

    MovedLong(Vec keys, long unit) {
      this.keys = keys;
      this.unit = unit;
      this.by = ((BigInteger) move).longValue();
    }

    private long key(int row) {
      return keys instanceof IntVec v ? v.values()[row] * unit : ((LongVec) keys).values()[row];
    }

    @Override
    public void moveFrom(int row) {
      beyond = 0;
      long from = key(row);
      if (byMonths) {
        moved = months(from);
      } else {
        moved = from + by;
        if (((from ^ moved) & (by ^ moved)) < 0) {
          beyond = Long.signum(by);
        }
      }
    }

    @Override
    public int compare(int row) {
      return beyond == 0 ? Long.compare(key(row), moved) : -beyond;
    }

    private long months(long from) {
      if (type.kind() == Kind.DATE) {
        return LocalDate.ofEpochDay(from).plusMonths(by).toEpochDay();
      }
      boolean zoned = type.kind() == Kind.TIMESTAMPTZ;
      long local = zoned ? ZonedMicros.toLocal(from, zone) : from;
      long day = Math.floorDiv(local, ZonedMicros.PER_DAY);
      long movedDay = LocalDate.ofEpochDay(day).plusMonths(by).toEpochDay();
      if (movedDay != Math.clamp(movedDay, -MAX_DAYS, MAX_DAYS)) {
        beyond = Long.signum(movedDay);
        return 0;
      }
      long sum = movedDay * ZonedMicros.PER_DAY + Math.floorMod(local, ZonedMicros.PER_DAY);
      return zoned ? ZonedMicros.toInstant(sum, zone) : sum;
    }
  }
}
