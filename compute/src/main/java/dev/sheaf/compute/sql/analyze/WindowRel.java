package dev.sheaf.compute.sql.analyze;

import dev.sheaf.columnar.expression.FrameShape;
import dev.sheaf.columnar.expression.WindowFn;
import java.util.List;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.SingleRel;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.util.ImmutableBitSet;
import org.jspecify.annotations.Nullable;

/**
 * Window functions over columns of the input. Output: the input's columns, then one per call, group
 * by group. Calcite's own form knows neither FILTER nor GROUPS.
 */
public final class WindowRel extends SingleRel {
  private final List<Group> groups;

  WindowRel(RelNode input, List<Group> groups) {
    super(input.getCluster(), input.getTraitSet(), input);
    this.groups = List.copyOf(groups);
  }

  /**
   * Calls over one window.
   *
   * @param order of different columns; may name some of the partition's
   */
  public record Group(ImmutableBitSet partition, List<RelFieldCollation> order, List<Call> calls) {}

  /**
   * @param start offset of the start: a constant of type BIGINT, in RANGE of a type that the key
   *     can be moved by; null = its edge has none
   * @param end likewise
   * @param rangeKey the one key that RANGE with an offset is about, else null
   */
  public record Frame(
      FrameShape shape,
      @Nullable RexNode start,
      @Nullable RexNode end,
      @Nullable RelFieldCollation rangeKey) {
    static final Frame DEFAULT = new Frame(FrameShape.DEFAULT, null, null, null);
  }

  /** One output column. */
  public sealed interface Call {
    /** For labels. */
    String name();

    Frame frame();

    RelDataType type();
  }

  /**
   * @param arguments input columns, none = COUNT(*)
   * @param filter BOOLEAN input column, -1 = none
   */
  public record AggregateOver(
      String name,
      SqlAggFunction operator,
      List<Integer> arguments,
      int filter,
      Frame frame,
      RelDataType type)
      implements Call {}

  /**
   * @param arguments input columns
   */
  public record FunctionOver(
      String name, WindowFn fn, List<Integer> arguments, Frame frame, RelDataType type)
      implements Call {}

  public List<Group> groups() {
    return groups;
  }

  @Override
  protected RelDataType deriveRowType() {
    RelDataTypeFactory.Builder row = getCluster().getTypeFactory().builder();
    row.addAll(getInput().getRowType().getFieldList());
    for (Group group : groups) {
      for (Call call : group.calls()) {
        row.add(call.name(), call.type());
      }
    }
    return row.build();
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new WindowRel(sole(inputs), groups);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("groups", groups);
  }
}
