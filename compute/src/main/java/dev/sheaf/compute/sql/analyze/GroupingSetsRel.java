package dev.sheaf.compute.sql.analyze;

import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.SingleRel;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.util.ImmutableBitSet;

/**
 * An aggregation by several sets of keys at once. The keys are the input's leading columns; a key
 * that is not of a row's set is NULL in it. A relation of our own because Calcite's knows no set
 * twice and its decorrelation no sets at all.
 */
public final class GroupingSetsRel extends SingleRel {
  private final int keys;
  private final List<ImmutableBitSet> sets;
  private final List<AggregateCall> calls;

  GroupingSetsRel(
      RelOptCluster cluster,
      RelTraitSet traits,
      RelNode input,
      int keys,
      List<ImmutableBitSet> sets,
      List<AggregateCall> calls) {
    super(cluster, traits, input);
    this.keys = keys;
    this.sets = List.copyOf(sets);
    this.calls = List.copyOf(calls);
  }

  /** How many columns of the input are keys. */
  public int keys() {
    return keys;
  }

  /** In the order in which they were written; may hold equal ones. */
  public List<ImmutableBitSet> sets() {
    return sets;
  }

  public List<AggregateCall> calls() {
    return calls;
  }

  @Override
  protected RelDataType deriveRowType() {
    return Aggregate.deriveRowType(
        getCluster().getTypeFactory(),
        getInput().getRowType(),
        false,
        ImmutableBitSet.range(keys),
        sets,
        calls);
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new GroupingSetsRel(getCluster(), traits, inputs.getFirst(), keys, sets, calls);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("keys", keys).item("sets", sets).item("calls", calls);
  }
}
