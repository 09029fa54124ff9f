package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.protocol.type.SqlType;
import java.util.Arrays;
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

  /**
   * @param extra literal argument, physical; positions of keys for GROUPING; null = none
   */
  AggregateOperator(AggregateFn fn, @Nullable Object extra) {
    super(
        fn.name() + text(extra),
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

  public @Nullable Object extra() {
    return extra;
  }

  @Override
  public RelDataType inferReturnType(SqlOperatorBinding binding) {
    if (fn == AggregateFn.GROUPING) {
      return CalciteTypes.of(SqlType.INTEGER, false);
    }
    RelDataType argument = binding.getOperandType(0);
    boolean nullable = binding.getGroupCount() == 0 || argument.isNullable() || isFiltered(binding);
    return CalciteTypes.of(Aggregates.resultType(fn, CalciteTypes.of(argument)), nullable);
  }

  private static boolean isFiltered(SqlOperatorBinding binding) {
    return binding instanceof org.apache.calcite.rel.core.Aggregate.AggCallBinding call
        && call.hasFilter();
  }

  private static RelDataType explicitOnly(SqlOperatorBinding binding) {
    throw new IllegalStateException("replaced by inferReturnType");
  }
}
