package dev.sheaf.compute.exec;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Chooses the accumulator of an aggregate call. */
final class Accumulators {
  private Accumulators() {}

  /**
   * @param input the columns of the call's input
   */
  static Accumulator of(AggregateCall call, List<Field> input, Reservation memory) {
    if (call.fn().isOrderedSet()) {
      return new OrderedSet(call, input, memory);
    }
    SqlType argument = call.argument() < 0 ? SqlType.BIGINT : input.get(call.argument()).type();
    Accumulator plain = of(call, argument, memory);
    return call.order().isEmpty() ? plain : new OrderedAggregate(plain, call, input, memory);
  }

  /**
   * Of a call that takes its rows in any order.
   *
   * @param argument the type of the arguments; anything for COUNT(*)
   */
  static Accumulator of(AggregateCall call, SqlType argument, Reservation memory) {
    Accumulator plain = plain(call, argument, memory);
    boolean matters =
        switch (call.fn()) {
          case COUNT_STAR,
              MIN,
              MAX,
              BOOL_AND,
              BOOL_OR,
              BIT_AND,
              BIT_OR,
              ANY_VALUE,
              SINGLE_VALUE,
              APPROX_COUNT_DISTINCT ->
              false;
          default -> call.distinct();
        };
    if (!matters) {
      return plain;
    }
    // Functions of several arguments have them all of one type.
    PhysicalType[] types = new PhysicalType[1 + call.more().size()];
    Arrays.fill(types, argument.physical());
    return new DistinctAccumulator(plain, types, memory);
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
      case BIT_AND, BIT_OR, BIT_XOR -> new BitAccumulator(call.fn(), physical, memory);
      case APPROX_COUNT_DISTINCT -> new DistinctSketch(memory);
      case CORR,
          COVAR_POP,
          COVAR_SAMP,
          REGR_AVGX,
          REGR_AVGY,
          REGR_COUNT,
          REGR_INTERCEPT,
          REGR_R2,
          REGR_SLOPE,
          REGR_SXX,
          REGR_SXY,
          REGR_SYY ->
          new PairMoments(call.fn(), memory);
      case PERCENTILE_CONT, PERCENTILE_DISC, MODE ->
          throw new IllegalArgumentException(call.fn() + " takes sorted rows");
      case GROUPING -> throw new IllegalArgumentException("GROUPING is of a set, not of rows");
    };
  }

  private static Accumulator chosen(AggregateFn fn, PhysicalType physical, Reservation memory) {
    return physical == PhysicalType.BYTES || physical == PhysicalType.INT128
        ? new ChosenObject(fn, physical, memory)
        : new ChosenValue(fn, physical, memory);
  }

  static byte[] delimiter(AggregateCall call) {
    return switch (call.extra()) {
      case byte[] bytes -> bytes;
      case String text -> text.getBytes(StandardCharsets.UTF_8);
      case null, default -> new byte[0];
    };
  }
}
