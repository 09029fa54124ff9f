package dev.sheaf.compute.sql.analyze;

import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.Position;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptCluster;

/** What binding one statement shares. Used by one thread. */
public final class BindContext {
  private static final int MAX_RELATIONS = 2_000;

  private final RelOptCluster cluster;
  private final CatalogView catalog;
  private final Scalars scalars;
  private final Set<TableDescriptor> tables = new LinkedHashSet<>();
  private int relations;
  private int recursions;

  public BindContext(RelOptCluster cluster, CatalogView catalog, Parameters parameters) {
    this.cluster = cluster;
    this.catalog = catalog;
    this.scalars = new Scalars(cluster.getRexBuilder(), parameters);
  }

  public RelOptCluster cluster() {
    return cluster;
  }

  public CatalogView catalog() {
    return catalog;
  }

  public Scalars scalars() {
    return scalars;
  }

  /** Tables met so far. */
  public List<TableDescriptor> tables() {
    return new ArrayList<>(tables);
  }

  void use(TableDescriptor table) {
    tables.add(table);
  }

  /** A number for a recursive query's working table. */
  int nextRecursion() {
    return recursions++;
  }

  /** WITH queries are bound where they are used, so a few lines could ask for millions. */
  void countRelation(Position position) {
    if (++relations > MAX_RELATIONS) {
      throw position.error(
          ErrorCode.STATEMENT_TOO_COMPLEX,
          "the statement refers to more than " + MAX_RELATIONS + " relations");
    }
  }
}
