package dev.sheaf.compute.plan.rule;

import org.apache.calcite.plan.RelOptPredicateList;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.metadata.BuiltInMetadata;
import org.apache.calcite.rel.metadata.MetadataDef;
import org.apache.calcite.rel.metadata.ReflectiveRelMetadataProvider;
import org.apache.calcite.rel.metadata.RelMetadataProvider;
import org.apache.calcite.rel.metadata.RelMetadataQuery;

/**
 * Answers that nothing is known to be true of a relation's rows. Calcite's inference refuses
 * comparisons with NULL, which rewriting makes of {@code x = y} where a derived table's y is NULL;
 * no rule of ours needs it. Stateless and thread-safe.
 */
public final class NoPredicates implements BuiltInMetadata.Predicates.Handler {
  /** To stand before the default provider. */
  public static final RelMetadataProvider PROVIDER =
      ReflectiveRelMetadataProvider.reflectiveSource(
          new NoPredicates(), BuiltInMetadata.Predicates.Handler.class);

  private NoPredicates() {}

  @Override
  public MetadataDef<BuiltInMetadata.Predicates> getDef() {
    return BuiltInMetadata.Predicates.DEF;
  }

  @Override
  public RelOptPredicateList getPredicates(RelNode rel, RelMetadataQuery mq) {
    return RelOptPredicateList.EMPTY;
  }
}
