package dev.sheaf.compute.sql.analyze;

import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.AbstractRelNode;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.type.RelDataType;

/** Leaf: the rows that the last step of a {@link RecursiveRel} has added. */
public final class WorkingTableRel extends AbstractRelNode {
  private final int id;
  private final String name;

  WorkingTableRel(RelOptCluster cluster, int id, String name, RelDataType row) {
    super(cluster, cluster.traitSet());
    this.id = id;
    this.name = name;
    this.rowType = row;
  }

  /** That of its recursion. */
  public int id() {
    return id;
  }

  /** Of the WITH query. */
  public String name() {
    return name;
  }

  /** Another object: equal leaves may not be one where a tree is wanted. */
  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new WorkingTableRel(getCluster(), id, name, getRowType());
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("id", id).item("type", getRowType().getFullTypeString());
  }
}
