package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.TableStatistics;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.plan.RelOptCluster;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.AbstractRelNode;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.metadata.RelMetadataQuery;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Leaf: all columns of a table, then, if asked for, the encoded key. */
public final class TableRel extends AbstractRelNode {
  private final TableDescriptor table;
  private final TableStatistics statistics;
  private final boolean withKey;
  private final @Nullable RexNode asOf;

  TableRel(
      RelOptCluster cluster,
      TableDescriptor table,
      TableStatistics statistics,
      boolean withKey,
      @Nullable RexNode asOf) {
    super(cluster, cluster.traitSet());
    this.table = table;
    this.statistics = statistics;
    this.withKey = withKey;
    this.asOf = asOf;
  }

  public TableDescriptor table() {
    return table;
  }

  public TableStatistics statistics() {
    return statistics;
  }

  public boolean withKey() {
    return withKey;
  }

  public @Nullable RexNode asOf() {
    return asOf;
  }

  @Override
  protected RelDataType deriveRowType() {
    var fields = new ArrayList<Field>();
    for (ColumnDescriptor column : table.columns()) {
      fields.add(new Field(column.name(), column.type(), column.nullable()));
    }
    if (withKey) {
      fields.add(new Field("$key", SqlType.BYTEA, false));
    }
    return CalciteTypes.row(List.copyOf(fields));
  }

  @Override
  public double estimateRowCount(RelMetadataQuery mq) {
    return Math.max(1, statistics.rowCount());
  }

  /** Another object: equal leaves may not be one where a tree is wanted. */
  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new TableRel(getCluster(), table, statistics, withKey, asOf);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer)
        .item("table", table.qualifiedName())
        .item("withKey", withKey)
        .itemIf("asOf", asOf, asOf != null);
  }
}
