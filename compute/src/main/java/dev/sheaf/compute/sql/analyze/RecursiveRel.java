package dev.sheaf.compute.sql.analyze;

import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.BiRel;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.type.RelDataType;

/**
 * A recursive WITH query: the rows of the left input, then again and again those of the right one,
 * whose {@link WorkingTableRel} has the rows that were added last, until none are added.
 */
public final class RecursiveRel extends BiRel {
  private final int id;
  private final String name;
  private final boolean all;

  RecursiveRel(
      RelOptCluster cluster,
      RelTraitSet traits,
      RelNode left,
      RelNode right,
      int id,
      String name,
      boolean all,
      RelDataType row) {
    super(cluster, traits, left, right);
    this.id = id;
    this.name = name;
    this.all = all;
    this.rowType = row;
  }

  public int id() {
    return id;
  }

  /** Of the WITH query. */
  public String name() {
    return name;
  }

  /** UNION ALL: rows may be added that are there. */
  public boolean all() {
    return all;
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new RecursiveRel(
        getCluster(), traits, inputs.get(0), inputs.get(1), id, name, all, getRowType());
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("id", id).item("all", all);
  }
}
