package dev.sheaf.compute.plan.rule;

import dev.sheaf.compute.sql.TableStatistics.ColumnStatistics;
import dev.sheaf.compute.sql.analyze.ConstantOperator;
import dev.sheaf.compute.sql.analyze.TableRel;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.type.SqlType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.Sort;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.jspecify.annotations.Nullable;

/**
 * The share of a column's values between constants, as if they lay evenly between the table's least
 * and greatest. Bounds of one column are taken together: two of them share rows, so their shares do
 * not multiply. Used for one condition.
 */
final class ValueRanges {
  private static final double LEAST = 1e-4;

  private final RelNode input;
  private final Map<Integer, Range> ranges = new HashMap<>();

  /** Shares of the values: 0 = the least, 1 = the greatest. */
  private record Range(double from, double to) {
    Range and(Range other) {
      return new Range(Math.max(from, other.from), Math.min(to, other.to));
    }
  }

  private record Column(SqlType type, double min, double max) {}

  ValueRanges(RelNode input) {
    this.input = input;
  }

  /** Takes the condition over if it bounds a column whose values are known. */
  boolean add(RexNode condition) {
    if (!(condition instanceof RexCall call) || call.getOperands().size() != 2) {
      return false;
    }
    RexNode left = call.getOperands().get(0);
    RexNode right = call.getOperands().get(1);
    boolean mirrored = right instanceof RexInputRef;
    if (!((mirrored ? right : left) instanceof RexInputRef ref)) {
      return false;
    }
    ConstantOperator constant = ConstantOperator.in(mirrored ? left : right);
    Column column = column(input, ref.getIndex());
    if (constant == null
        || column == null
        || !(constant.value() instanceof Number number)
        || constant.type().kind() != column.type.kind()
        || constant.type().scale() != column.type.scale()) {
      return false;
    }
    double width = column.max - column.min;
    double at =
        width <= 0 ? 0.5 : Math.clamp((number.doubleValue() - column.min) / width, 0.0, 1.0);
    Range range = range(mirrored ? call.getKind().reverse() : call.getKind(), at);
    if (range != null) {
      ranges.merge(ref.getIndex(), range, Range::and);
    }
    return range != null;
  }

  @SuppressWarnings("EnumSwitch") // all else is no bound
  private static @Nullable Range range(SqlKind kind, double at) {
    return switch (kind) {
      case LESS_THAN, LESS_THAN_OR_EQUAL -> new Range(0, at);
      case GREATER_THAN, GREATER_THAN_OR_EQUAL -> new Range(at, 1);
      default -> null;
    };
  }

  /** Of the rows that all conditions taken over leave. */
  double share() {
    double share = 1;
    for (Range range : ranges.values()) {
      share *= Math.max(LEAST, range.to - range.from);
    }
    return share;
  }

  private static @Nullable Column column(RelNode rel, int index) {
    return switch (rel) {
      case TableRel table -> column(table, index);
      case Filter filter -> column(filter.getInput(), index);
      case Sort sort -> column(sort.getInput(), index);
      case Project project ->
          project.getProjects().get(index) instanceof RexInputRef ref
              ? column(project.getInput(), ref.getIndex())
              : null;
      case Join join -> {
        int width = join.getLeft().getRowType().getFieldCount();
        yield index < width
            ? column(join.getLeft(), index)
            : column(join.getRight(), index - width);
      }
      default -> null;
    };
  }

  private static @Nullable Column column(TableRel rel, int index) {
    if (index >= rel.table().columns().size()) {
      return null;
    }
    ColumnDescriptor descriptor = rel.table().columns().get(index);
    Optional<ColumnStatistics> known = rel.statistics().column(descriptor.id());
    return known.isPresent()
            && known.get().min() instanceof Number min
            && known.get().max() instanceof Number max
        ? new Column(descriptor.type(), min.doubleValue(), max.doubleValue())
        : null;
  }
}
