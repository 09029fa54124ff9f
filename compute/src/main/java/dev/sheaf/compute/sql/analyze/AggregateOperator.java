package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.protocol.type.SqlType;
import java.util.Arrays;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.util.Optionality;
import org.jspecify.annotations.Nullable;

/**
 * One of our aggregate functions as a Calcite operator. COUNT, MIN, MAX and SINGLE_VALUE are
 * Calcite's own, because its rewriting of subqueries looks for them.
 */
public final class AggregateOperator extends SqlAggFunction {
  private final AggregateFn fn;
  private final @Nullable Object extra;
  private final List<Direction> order;

  /** How a column that the aggregate orders by sorts. */
  public record Direction(boolean descending, boolean nullsFirst) {}

  /**
   * @param extra literal argument, physical; positions of keys for GROUPING; null = none
   */
  AggregateOperator(AggregateFn fn, @Nullable Object extra) {
    this(fn, extra, List.of());
  }

  /**
   * @param order of the last arguments: the columns to order by. They are arguments because Calcite
   *     follows those when it moves columns, but not a call's collation.
   */
  AggregateOperator(AggregateFn fn, @Nullable Object extra, List<Direction> order) {
    super(
        fn.name() + text(extra) + (order.isEmpty() ? "" : order),
        null,
        SqlKind.OTHER_FUNCTION,
        AggregateOperator::explicitOnly,
        null,
        OperandTypes.ANY,
        SqlFunctionCategory.USER_DEFINED_FUNCTION,
        false,
        false,
        Optionality.OPTIONAL);
    this.fn = fn;
    this.extra = extra;
    this.order = List.copyOf(order);
  }

  /** Part of the name, by which Calcite tells operators apart. */
  private static String text(@Nullable Object extra) {
    return switch (extra) {
      case null -> "";
      case byte[] bytes -> Arrays.toString(bytes);
      default -> extra.toString();
    };
  }

  public AggregateFn fn() {
    return fn;
  }

  public List<Direction> order() {
    return order;
  }

  public @Nullable Object extra() {
    return extra;
  }

  @Override
  public RelDataType inferReturnType(SqlOperatorBinding binding) {
    if (fn == AggregateFn.GROUPING) {
      return CalciteTypes.of(SqlType.INTEGER, false);
    }
    RelDataType argument = binding.getOperandType(0);
    boolean nullable =
        (binding.getGroupCount() == 0
                || argument.isNullable()
                || isFiltered(binding)
                || isPartial())
            && !isCount();
    return CalciteTypes.of(Aggregates.resultType(fn, CalciteTypes.of(argument)), nullable);
  }

  /** Whether there are values for which there is no result. */
  private boolean isPartial() {
    return fn.isOfPairs()
        || fn.isOrderedSet()
        || fn == AggregateFn.STDDEV_SAMP
        || fn == AggregateFn.VAR_SAMP;
  }

  private boolean isCount() {
    return fn == AggregateFn.REGR_COUNT || fn == AggregateFn.APPROX_COUNT_DISTINCT;
  }

  private static boolean isFiltered(SqlOperatorBinding binding) {
    return binding instanceof org.apache.calcite.rel.core.Aggregate.AggCallBinding call
        && call.hasFilter();
  }

  private static RelDataType explicitOnly(SqlOperatorBinding binding) {
    throw new IllegalStateException("replaced by inferReturnType");
  }
}
