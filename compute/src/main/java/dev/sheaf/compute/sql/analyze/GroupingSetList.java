package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.Position;
import dev.sheaf.compute.sql.SqlExpression;
import dev.sheaf.compute.sql.SqlQuery.Cube;
import dev.sheaf.compute.sql.SqlQuery.DistinctSets;
import dev.sheaf.compute.sql.SqlQuery.GroupItem;
import dev.sheaf.compute.sql.SqlQuery.GroupKey;
import dev.sheaf.compute.sql.SqlQuery.GroupingSets;
import dev.sheaf.compute.sql.SqlQuery.Rollup;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.calcite.util.ImmutableBitSet;

/** What GROUP BY comes to: a list of sets of keys, in which sets may occur more than once. */
final class GroupingSetList {
  private static final int MAX_SETS = 4096;
  private static final int MAX_CUBE_UNITS = 12;

  private final ToIntFunction<SqlExpression> numbers;

  private GroupingSetList(ToIntFunction<SqlExpression> numbers) {
    this.numbers = numbers;
  }

  /**
   * @param numbers numbers the keys; asked once for each place where one is written
   * @throws dev.sheaf.protocol.error.SheafException 54001 beyond 4,096 sets, 54011 for a CUBE of
   *     more than 12 units
   */
  static List<ImmutableBitSet> of(List<GroupItem> items, ToIntFunction<SqlExpression> numbers) {
    return new GroupingSetList(numbers).combined(items);
  }

  /** The sets of all items, each with each. */
  private List<ImmutableBitSet> combined(List<GroupItem> items) {
    List<ImmutableBitSet> all = List.of(ImmutableBitSet.of());
    for (GroupItem item : items) {
      List<ImmutableBitSet> sets = sets(item);
      check((long) all.size() * sets.size(), position(item));
      var product = new ArrayList<ImmutableBitSet>(all.size() * sets.size());
      for (ImmutableBitSet left : all) {
        for (ImmutableBitSet right : sets) {
          product.add(left.union(right));
        }
      }
      all = product;
    }
    return all;
  }

  private List<ImmutableBitSet> sets(GroupItem item) {
    return switch (item) {
      case GroupKey key -> List.of(unit(key.expression()));
      case Rollup rollup -> rollup(rollup);
      case Cube cube -> cube(cube);
      case GroupingSets listed -> {
        var sets = new ArrayList<ImmutableBitSet>();
        for (GroupItem element : listed.items()) {
          sets.addAll(sets(element));
          check(sets.size(), listed.position());
        }
        yield sets;
      }
      case DistinctSets distinct -> combined(distinct.items()).stream().distinct().toList();
    };
  }

  /** A key, or those of a row value. */
  private ImmutableBitSet unit(SqlExpression expression) {
    if (expression instanceof SqlExpression.Row row) {
      ImmutableBitSet keys = ImmutableBitSet.of();
      for (SqlExpression part : row.values()) {
        keys = keys.union(unit(part));
      }
      return keys;
    }
    return ImmutableBitSet.of(numbers.applyAsInt(expression));
  }

  private List<ImmutableBitSet> rollup(Rollup rollup) {
    check(rollup.units().size() + 1L, rollup.position());
    var sets = new ArrayList<ImmutableBitSet>();
    ImmutableBitSet keys = ImmutableBitSet.of();
    sets.add(keys);
    for (SqlExpression unit : rollup.units()) {
      keys = keys.union(unit(unit));
      sets.addFirst(keys);
    }
    return sets;
  }

  private List<ImmutableBitSet> cube(Cube cube) {
    int units = cube.units().size();
    if (units > MAX_CUBE_UNITS) {
      throw cube.position()
          .error(ErrorCode.TOO_MANY_COLUMNS, "CUBE is limited to " + MAX_CUBE_UNITS + " elements");
    }
    List<ImmutableBitSet> keys = cube.units().stream().map(this::unit).toList();
    var sets = new ArrayList<ImmutableBitSet>();
    for (int choice = (1 << units) - 1; choice >= 0; choice--) {
      ImmutableBitSet chosen = ImmutableBitSet.of();
      for (int u = 0; u < units; u++) {
        if ((choice >>> (units - 1 - u) & 1) != 0) {
          chosen = chosen.union(keys.get(u));
        }
      }
      sets.add(chosen);
    }
    return sets;
  }

  private static void check(long sets, Position position) {
    if (sets > MAX_SETS) {
      throw position.error(
          ErrorCode.STATEMENT_TOO_COMPLEX,
          "too many grouping sets present (maximum " + MAX_SETS + ")");
    }
  }

  private static Position position(GroupItem item) {
    return switch (item) {
      case GroupKey key -> key.expression().position();
      case Rollup rollup -> rollup.position();
      case Cube cube -> cube.position();
      case GroupingSets listed -> listed.position();
      case DistinctSets distinct ->
          distinct.items().isEmpty() ? Position.UNKNOWN : position(distinct.items().getFirst());
    };
  }
}
