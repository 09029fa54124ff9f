package dev.sheaf.compute.plan;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.compute.sql.CatalogView;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.compute.sql.analyze.Assignment;
import dev.sheaf.compute.sql.analyze.ChangeBinder;
import dev.sheaf.compute.sql.analyze.InsertBinder;
import dev.sheaf.compute.sql.analyze.TableBinder;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.function.Supplier;

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
    return guarded(() ->
        switch (statement) {
          case ParsedStatement.Query query -> {
            var planning = new Planning(catalog, settings, query.parameters());
            yield planning.query(query);
          }
          case ParsedStatement.Insert insert -> {
            var planning = new Planning(catalog, settings, insert.parameters());
            yield planning.change(InsertBinder.bind(insert, planning.context()));
          }
          case ParsedStatement.Update update -> {
            var planning = new Planning(catalog, settings, update.parameters());
            yield planning.change(ChangeBinder.bind(update, planning.context()));
          }
          case ParsedStatement.Delete delete -> {
            var planning = new Planning(catalog, settings, delete.parameters());
            yield planning.change(ChangeBinder.bind(delete, planning.context()));
          }
          default ->
              throw new SheafException(
                  ErrorCode.FEATURE_NOT_SUPPORTED,
                  statement.getClass().getSimpleName() + " is not a statement with a plan");
        });
  }

  /**
   * Checks the text of a DEFAULT: no columns, no subqueries, assignable to the type.
   *
   * @return the expression with its cast, to be evaluated once for ADD COLUMN's existing rows
   */
  public static Expr checkDefault(String sql, SqlType type, CatalogView catalog) {
    return guarded(() -> {
      var planning = new Planning(catalog, PlannerSettings.DEFAULT, 0);
      var column = new ColumnDescriptor(1, "the column", type, true, sql, null);
      return planning.translate(new Assignment(planning.context()).defaultOf(sql, column));
    });
  }

  /** Checks the text of a CHECK: BOOLEAN over the table's own columns, no subqueries. */
  public static Expr checkCondition(String sql, TableDescriptor table, CatalogView catalog) {
    return guarded(() -> {
      var planning = new Planning(catalog, PlannerSettings.DEFAULT, 0);
      return planning.translate(new TableBinder(planning.context(), table, null).check(sql));
    });
  }

  /** Errors of ours as they are; anything else is a defect and says so. */
  private static <T> T guarded(Supplier<T> planning) {
    try {
      return planning.get();
    } catch (SheafException e) {
      throw e;
    } catch (StackOverflowError e) {
      throw new SheafException(
          ErrorCode.STATEMENT_TOO_COMPLEX, "the statement nests too deeply", e);
    } catch (RuntimeException | AssertionError e) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "planning failed: " + e.getMessage(), e);
    }
  }
}
