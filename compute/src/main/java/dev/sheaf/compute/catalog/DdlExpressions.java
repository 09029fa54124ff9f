package dev.sheaf.compute.catalog;

import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.SqlType;
import org.jspecify.annotations.Nullable;

/** Expressions in DDL, as the planner checks and the engine evaluates them. */
public interface DdlExpressions {
  /** Fails unless the text is a fit DEFAULT for the type. */
  void checkDefault(String sql, SqlType type);

  /** The DEFAULT's one value for all existing rows; 0A000 if it differs from row to row. */
  @Nullable Object constantDefault(String sql, SqlType type);

  /** Fails unless the text is a condition over the table's columns. */
  void checkCondition(String sql, TableDescriptor table);
}
