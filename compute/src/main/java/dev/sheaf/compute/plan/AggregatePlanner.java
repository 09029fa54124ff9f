package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.AggregateFn;
import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.plan.PlanNode.AggregateCall;
import dev.sheaf.compute.plan.PlanNode.Project;
import dev.sheaf.compute.plan.PlanNode.SortKey;
import dev.sheaf.compute.sql.analyze.AggregateOperator;
import dev.sheaf.compute.sql.analyze.CalciteTypes;
import dev.sheaf.compute.sql.analyze.GroupingSetsRel;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.calcite.rel.logical.LogicalAggregate;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlKind;
import org.jspecify.annotations.Nullable;

/** Plans aggregations. */
final class AggregatePlanner {

  PlanNode plan(LogicalAggregate aggregate, PlanNode input) {
    List<Field> output = PhysicalPlanner.fields(aggregate);
    List<Integer> groupBy = aggregate.getGroupSet().asList();
    var calls = new ArrayList<AggregateCall>();
    var fields = new ArrayList<>(output.subList(0, groupBy.size()));
    // Subquery rewriting marks rows by a literal as an "aggregate": it is put back afterwards.
    var columns = new ArrayList<Expr>();
    for (int i = 0; i < groupBy.size(); i++) {
      columns.add(new Expr.Column(i, output.get(i).type()));
    }
    boolean marked = false;
    for (int i = 0; i < aggregate.getAggCallList().size(); i++) {
      var call = aggregate.getAggCallList().get(i);
      Field field = output.get(groupBy.size() + i);
      if (call.getAggregation().getKind() == SqlKind.LITERAL_AGG) {
        marked = true;
        columns.add(
            new Expr.Literal(RexLiteral.booleanValue(call.rexList.getFirst()), field.type()));
      } else {
        columns.add(new Expr.Column(fields.size(), field.type()));
        fields.add(field);
        calls.add(call(call));
      }
    }
    if (fields.isEmpty()) {
      // Only marks, over all rows: something must say that there is one row.
      fields.add(new Field("rows", SqlType.BIGINT, false));
      calls.add(new AggregateCall(AggregateFn.COUNT_STAR, -1, false, -1, null, SqlType.BIGINT));
    }
    PlanNode node =
        new PlanNode.Aggregate(input, groupBy, calls, marked ? List.copyOf(fields) : output);
    return marked ? new Project(node, columns, output) : node;
  }

  PlanNode plan(GroupingSetsRel rel, PlanNode input) {
    return new PlanNode.Aggregate(
        input,
        IntStream.range(0, rel.keys()).boxed().toList(),
        rel.sets().stream().map(s -> List.copyOf(s.asList())).toList(),
        rel.calls().stream().map(AggregatePlanner::call).toList(),
        PhysicalPlanner.fields(rel));
  }

  private static AggregateCall call(org.apache.calcite.rel.core.AggregateCall call) {
    return call(
        call.getAggregation(),
        call.getArgList(),
        call.isDistinct(),
        call.filterArg,
        CalciteTypes.of(call.getType()));
  }

  /**
   * @param columns the arguments, then what is ordered by; none = COUNT(*)
   * @param filter column, -1 = none
   */
  static AggregateCall call(
      SqlAggFunction function, List<Integer> columns, boolean distinct, int filter, SqlType type) {
    AggregateFn fn = function(function, columns);
    @Nullable Object extra = null;
    var order = new ArrayList<SortKey>();
    int arguments = columns.size();
    if (function instanceof AggregateOperator operator) {
      extra = operator.extra();
      arguments -= operator.order().size();
      for (int k = 0; k < operator.order().size(); k++) {
        AggregateOperator.Direction direction = operator.order().get(k);
        order.add(
            new SortKey(
                columns.get(arguments + k), direction.descending(), direction.nullsFirst()));
      }
    }
    return new AggregateCall(
        fn,
        columns.isEmpty() ? -1 : columns.getFirst(),
        arguments > 1 ? List.copyOf(columns.subList(1, arguments)) : List.of(),
        // MIN and MAX of distinct values are those of all.
        distinct && fn != AggregateFn.MIN && fn != AggregateFn.MAX,
        filter,
        extra,
        order,
        type);
  }

  private static AggregateFn function(SqlAggFunction function, List<Integer> columns) {
    if (function instanceof AggregateOperator operator) {
      return operator.fn();
    }
    return switch (function.getKind()) {
      case COUNT -> columns.isEmpty() ? AggregateFn.COUNT_STAR : AggregateFn.COUNT;
      case MIN -> AggregateFn.MIN;
      case MAX -> AggregateFn.MAX;
      case SINGLE_VALUE -> AggregateFn.SINGLE_VALUE;
      case ANY_VALUE -> AggregateFn.ANY_VALUE;
      default ->
          throw new SheafException(
              ErrorCode.INTERNAL_ERROR,
              "the planner made an aggregate that it cannot translate: " + function);
    };
  }
}
