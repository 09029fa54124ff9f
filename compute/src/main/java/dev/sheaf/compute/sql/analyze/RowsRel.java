package dev.sheaf.compute.sql.analyze;

import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.AbstractRelNode;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.metadata.RelMetadataQuery;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;

/** Leaf: rows of expressions that need no input (VALUES). */
public final class RowsRel extends AbstractRelNode {
  private final List<List<RexNode>> rows;

  RowsRel(RelOptCluster cluster, List<List<RexNode>> rows, RelDataType type) {
    super(cluster, cluster.traitSet());
    this.rows = rows;
    this.rowType = type;
  }

  public List<List<RexNode>> rows() {
    return rows;
  }

  @Override
  public double estimateRowCount(RelMetadataQuery mq) {
    return rows.size();
  }

  /** Another object: equal leaves may not be one where a tree is wanted. */
  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new RowsRel(getCluster(), rows, getRowType());
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer)
        .item("type", getRowType().getFullTypeString())
        .item("rows", rows);
  }
}
