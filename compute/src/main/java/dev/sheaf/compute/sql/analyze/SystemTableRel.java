package dev.sheaf.compute.sql.analyze;

import dev.sheaf.protocol.type.Field;
import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.AbstractRelNode;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.type.RelDataType;

/** Leaf: a table that exists only in the compute. */
public final class SystemTableRel extends AbstractRelNode {
  private final String name;
  private final List<Field> fields;

  SystemTableRel(RelOptCluster cluster, String name, List<Field> fields) {
    super(cluster, cluster.traitSet());
    this.name = name;
    this.fields = fields;
  }

  /** Qualified. */
  public String name() {
    return name;
  }

  @Override
  protected RelDataType deriveRowType() {
    return CalciteTypes.row(fields);
  }

  /** Another object: equal leaves may not be one where a tree is wanted. */
  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new SystemTableRel(getCluster(), name, fields);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("table", name);
  }
}
