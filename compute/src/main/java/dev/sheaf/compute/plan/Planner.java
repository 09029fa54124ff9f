package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;

/** From a parsed statement to a physical plan. Stateless and thread-safe. */
public final class Planner {
  private Planner() {}

  /**
   * Plans a query, INSERT, UPDATE or DELETE (also the ones inside EXPLAIN or COPY TO, unwrapped by
   * the caller).
   *
   * @throws SheafException with the place in the text: 42P01, 42703, 42702, 42883, 42804, 42803 and
   *     so on; 0A000 for what Sheaf does not do
   */
  public static PlannedStatement plan(
      ParsedStatement statement, CatalogView catalog, PlannerSettings settings) {
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "the planner is not there yet");
  }

  /**
   * Checks the text of a DEFAULT: no columns, no subqueries, assignable to the type.
   *
   * @return the expression with its cast, to be evaluated once for ADD COLUMN's existing rows
   */
  public static Expr checkDefault(String sql, SqlType type, CatalogView catalog) {
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "the planner is not there yet");
  }

  /** Checks the text of a CHECK: BOOLEAN over the table's own columns, no subqueries. */
  public static Expr checkCondition(String sql, TableDescriptor table, CatalogView catalog) {
    throw new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, "the planner is not there yet");
  }
}
