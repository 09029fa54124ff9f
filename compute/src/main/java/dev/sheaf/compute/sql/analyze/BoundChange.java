package dev.sheaf.compute.sql.analyze;

import dev.sheaf.protocol.catalog.TableDescriptor;
import java.util.List;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** A bound INSERT, UPDATE or DELETE. Checks are over the table's columns. */
public sealed interface BoundChange {
  TableDescriptor table();

  TableBinder.Returning returning();

  /** Where an INSERT's rows come from: all columns of the table, in order. */
  sealed interface Source {}

  /** Rows of expressions that need no input. */
  record Rows(List<List<RexNode>> rows) implements Source {}

  record Relation(RelNode rel) implements Source {}

  /**
   * @param update new value of each column over the existing row and the proposed one; null = DO
   *     NOTHING
   */
  record Conflict(@Nullable List<RexNode> update, @Nullable RexNode condition) {}

  record Insert(
      TableDescriptor table,
      Source source,
      @Nullable Conflict conflict,
      List<RexNode> checks,
      TableBinder.Returning returning)
      implements BoundChange {}

  /**
   * @param rel the old row's columns, its key, the new values
   */
  record Update(
      TableDescriptor table, RelNode rel, List<RexNode> checks, TableBinder.Returning returning)
      implements BoundChange {}

  /**
   * @param rel the old row's columns, its key
   */
  record Delete(TableDescriptor table, RelNode rel, TableBinder.Returning returning)
      implements BoundChange {}
}
