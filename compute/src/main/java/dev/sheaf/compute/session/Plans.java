package dev.sheaf.compute.session;

import dev.sheaf.compute.cache.LruCache;
import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.plan.PlannedStatement;
import dev.sheaf.compute.plan.Planner;
import dev.sheaf.compute.plan.PlannerSettings;
import dev.sheaf.compute.sql.ParsedStatement;
import dev.sheaf.protocol.ShardId;
import java.util.List;

/**
 * Plans by the text they were made from and all that they depend on, within a bound of bytes. A
 * change of the catalog changes the key: stale plans are never found and fall out. Thread-safe.
 */
final class Plans {
  private final LruCache<Key, Weighed> cache;

  /** What a plan depends on. Parameter types are inferred from the text. */
  private record Key(
      ShardId shard,
      long catalogVersion,
      List<String> searchPath,
      PlannerSettings settings,
      String sql) {}

  /**
   * @param rows estimated rows of the plan's tables when it was made
   */
  private record Weighed(PlannedStatement plan, double[] rows, long bytes) {}

  /** Growth or shrinkage of a table after which a join is planned anew. */
  private static final double MUCH = 8;

  Plans(long maxBytes) {
    this.cache = new LruCache<>(maxBytes, Weighed::bytes);
  }

  /**
   * @param sql the statement's text, which with the scope's catalog and settings names the plan
   */
  PlannedStatement plan(String sql, ParsedStatement statement, StatementScope scope) {
    if (scope.catalogChangedHere()) {
      return Planner.plan(statement, scope.catalogView(), scope.settings().planner());
    }
    var key =
        new Key(
            scope.transaction().shard().shard(),
            scope.catalogView().version(),
            scope.catalogView().searchPath(),
            scope.settings().planner(),
            sql.strip());
    Weighed cached = cache.get(key);
    if (cached != null && !sizesChanged(cached, scope)) {
      return cached.plan();
    }
    PlannedStatement planned =
        Planner.plan(statement, scope.catalogView(), scope.settings().planner());
    long bytes = weigh(planned.plan()) + 4L * sql.length() + 1024;
    cache.put(key, new Weighed(planned, rows(planned, scope), bytes));
    return planned;
  }

  /** Only plans of several tables depend on sizes in a way that matters. */
  private static double[] rows(PlannedStatement planned, StatementScope scope) {
    return planned.tables().size() < 2
        ? new double[0]
        : planned.tables().stream()
            .mapToDouble(table -> scope.catalogView().statistics(table).rowCount())
            .toArray();
  }

  private static boolean sizesChanged(Weighed cached, StatementScope scope) {
    if (cached.rows().length == 0) {
      return false;
    }
    double[] now = rows(cached.plan(), scope);
    for (int i = 0; i < now.length; i++) {
      double factor = (now[i] + 100) / (cached.rows()[i] + 100);
      if (factor > MUCH || factor < 1 / MUCH) {
        return true;
      }
    }
    return false;
  }

  private static long weigh(PlanNode node) {
    long bytes = 1024 + 64L * node.output().size();
    if (node instanceof PlanNode.Values values) {
      bytes += values.rows().stream().mapToLong(row -> 64L * row.size()).sum();
    }
    for (PlanNode input : node.inputs()) {
      bytes += weigh(input);
    }
    return bytes;
  }
}
