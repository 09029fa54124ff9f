package dev.sheaf.compute.storage;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.compute.storage.StatementStorage.LateFilter;
import dev.sheaf.compute.storage.StatementStorage.ScanOrder;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides from zone maps whether a row group can hold a row for which the predicate is TRUE.
 * Understands AND, OR, comparisons and IN of a column with literals, IS NULL and IS NOT NULL; all
 * else may match. Thread-safe.
 */
final class ZonePruner {
  private final @Nullable Expr predicate;
  private final @Nullable LateFilter filter;
  private final ReadColumns columns;

  /**
   * @param filter whose bound is looked at as well, each time anew
   */
  ZonePruner(@Nullable Expr predicate, @Nullable LateFilter filter, ReadColumns columns) {
    this.predicate = predicate;
    this.filter = filter;
    this.columns = columns;
  }

  boolean mayMatch(SegmentReader segment, int group) {
    if (predicate != null && !mayBeTrue(predicate, segment, group)) {
      return false;
    }
    Expr bound = filter == null ? null : filter.bound();
    return bound == null || mayBeTrue(bound, segment, group);
  }

  /** What is known of the least and the greatest value of a column. */
  @Nullable Object best(ScanOrder order, SegmentReader segment, int group) {
    Zone zone = Zone.of(columns.get(order.column()), segment, group);
    return order.descending() ? zone.max() : zone.min();
  }

  private boolean mayBeTrue(Expr expr, SegmentReader segment, int group) {
    return switch (expr) {
      case Expr.Literal literal -> Boolean.TRUE.equals(literal.value());
      case Expr.Call call -> callMayBeTrue(call, segment, group);
      case Expr.Column _, Expr.Parameter _, Expr.Correlated _ -> true;
    };
  }

  @SuppressWarnings("EnumSwitch") // all other functions can be anything
  private boolean callMayBeTrue(Expr.Call call, SegmentReader segment, int group) {
    List<Expr> args = call.args();
    return switch (call.fn()) {
      case AND -> args.stream().allMatch(arg -> mayBeTrue(arg, segment, group));
      case OR -> args.stream().anyMatch(arg -> mayBeTrue(arg, segment, group));
      case IS_TRUE -> mayBeTrue(args.getFirst(), segment, group);
      case EQ, LT, LE, GT, GE -> comparisonMayBeTrue(call, segment, group);
      case IN -> inMayBeTrue(args, segment, group);
      case IS_NULL ->
          !(args.getFirst() instanceof Expr.Column column)
              || Zone.of(columns.get(column.index()), segment, group).mayBeNull();
      case IS_NOT_NULL ->
          !(args.getFirst() instanceof Expr.Column column)
              || Zone.of(columns.get(column.index()), segment, group).mayBeValue();
      default -> true;
    };
  }

  private boolean comparisonMayBeTrue(Expr.Call call, SegmentReader segment, int group) {
    Expr left = call.args().get(0);
    Expr right = call.args().get(1);
    if (left instanceof Expr.Column column && right instanceof Expr.Literal literal) {
      return Zone.of(columns.get(column.index()), segment, group).mayBe(call.fn(), literal.value());
    }
    if (left instanceof Expr.Literal literal && right instanceof Expr.Column column) {
      return Zone.of(columns.get(column.index()), segment, group)
          .mayBe(mirrored(call.fn()), literal.value());
    }
    return true;
  }

  private boolean inMayBeTrue(List<Expr> args, SegmentReader segment, int group) {
    if (!(args.getFirst() instanceof Expr.Column column)) {
      return true;
    }
    Zone zone = Zone.of(columns.get(column.index()), segment, group);
    for (Expr candidate : args.subList(1, args.size())) {
      if (!(candidate instanceof Expr.Literal literal) || zone.mayBe(Fn.EQ, literal.value())) {
        return true;
      }
    }
    return false;
  }

  @SuppressWarnings("EnumSwitch") // only comparisons come here
  private static Fn mirrored(Fn fn) {
    return switch (fn) {
      case LT -> Fn.GT;
      case LE -> Fn.GE;
      case GT -> Fn.LT;
      case GE -> Fn.LE;
      default -> fn;
    };
  }

  /**
   * What is known of a column's values in a row group.
   *
   * @param min lower bound, null = unknown
   * @param max upper bound, null = unknown; a NaN, which sorts last, makes it unknown
   */
  private record Zone(
      @Nullable Object min, @Nullable Object max, boolean mayBeNull, boolean mayBeValue) {

    static Zone of(ColumnRequest column, SegmentReader segment, int group) {
      if (column.columnId() == ColumnRequest.KEY_COLUMN) {
        return new Zone(null, null, false, true);
      }
      ZoneMap map = segment.zone(column.columnId(), group);
      if (map == null) {
        return segment.hasColumn(column.columnId())
            ? new Zone(null, null, true, true)
            : new Zone(
                column.missingValue(),
                column.missingValue(),
                column.missingValue() == null,
                column.missingValue() != null);
      }
      return new Zone(
          map.min(),
          map.hasNaN() ? null : map.max(),
          map.nulls() > 0,
          map.nulls() < segment.rowsIn(group));
    }

    @SuppressWarnings("EnumSwitch") // only comparisons come here
    boolean mayBe(Fn comparison, @Nullable Object literal) {
      if (literal == null || !mayBeValue) {
        return false;
      }
      return switch (comparison) {
        case EQ -> minVersus(literal) <= 0 && maxVersus(literal) >= 0;
        case LT -> minVersus(literal) < 0;
        case LE -> minVersus(literal) <= 0;
        case GT -> maxVersus(literal) > 0;
        case GE -> maxVersus(literal) >= 0;
        default -> true;
      };
    }

    private int minVersus(Object literal) {
      return min == null ? -1 : compare(min, literal);
    }

    private int maxVersus(Object literal) {
      return max == null ? 1 : compare(max, literal);
    }
  }

  /**
   * Values that are not null; as the engine orders them: bytes unsigned, -0 equal to 0, NaN last.
   */
  static int compare(Object a, Object b) {
    if (a instanceof byte[] left && b instanceof byte[] right) {
      return Arrays.compareUnsigned(left, right);
    }
    if (a instanceof Double left && b instanceof Double right) {
      return Double.compare(left + 0.0, right + 0.0);
    }
    if (a instanceof Boolean left && b instanceof Boolean right) {
      return Boolean.compare(left, right);
    }
    return wide(a).compareTo(wide(b));
  }

  private static BigInteger wide(Object integer) {
    return integer instanceof BigInteger wide
        ? wide
        : BigInteger.valueOf(((Number) integer).longValue());
  }
}
