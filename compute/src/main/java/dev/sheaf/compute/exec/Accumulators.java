package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;

/** Chooses the accumulator of an aggregate call. */
final class Accumulators {
  private Accumulators() {}

  /**
   * @param argument the argument's type; anything for COUNT(*)
   */
  static Accumulator of(AggregateCall call, SqlType argument, Reservation memory) {
    Accumulator plain = plain(call, argument, memory);
    boolean matters =
        switch (call.fn()) {
          case COUNT_STAR, MIN, MAX, BOOL_AND, BOOL_OR, ANY_VALUE, SINGLE_VALUE -> false;
          default -> call.distinct();
        };
    return matters ? new DistinctAccumulator(plain, argument.physical(), memory) : plain;
  }

  private static Accumulator plain(AggregateCall call, SqlType argument, Reservation memory) {
    PhysicalType physical = argument.physical();
    return switch (call.fn()) {
      case COUNT_STAR, COUNT -> new CountAccumulator(memory);
      case SUM, AVG ->
          physical == PhysicalType.DOUBLE
              ? new DoubleMoments(call.fn(), argument, call.type(), memory)
              : new ExactSum(call.fn() == AggregateFn.AVG, argument, call.type(), memory);
      case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP ->
          new DoubleMoments(call.fn(), argument, call.type(), memory);
      case SINGLE_VALUE -> new SingleValue(chosen(call.fn(), physical, memory), memory);
      case MIN, MAX, BOOL_AND, BOOL_OR, ANY_VALUE -> chosen(call.fn(), physical, memory);
      case STRING_AGG -> new StringAggregate(delimiter(call), memory);
      case GROUPING -> throw new IllegalArgumentException("GROUPING is of a set, not of rows");
    };
  }

  private static Accumulator chosen(AggregateFn fn, PhysicalType physical, Reservation memory) {
    return physical == PhysicalType.BYTES || physical == PhysicalType.INT128
        ? new ChosenObject(fn, physical, memory)
        : new ChosenValue(fn, physical, memory);
  }

  private static byte[] delimiter(AggregateCall call) {
    return switch (call.extra()) {
      case byte[] bytes -> bytes;
      case String text -> text.getBytes(StandardCharsets.UTF_8);
      case null, default -> new byte[0];
    };
  }
}
