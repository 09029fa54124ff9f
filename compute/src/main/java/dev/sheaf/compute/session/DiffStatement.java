package dev.sheaf.compute.session;

import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.catalog.Catalog;
import dev.sheaf.compute.catalog.CatalogNames;
import dev.sheaf.compute.diff.DiffContext;
import dev.sheaf.compute.diff.DiffRows;
import dev.sheaf.compute.diff.DiffSide;
import dev.sheaf.compute.diff.DiffSummary;
import dev.sheaf.compute.diff.TablePair;
import dev.sheaf.compute.sql.Identifier;
import dev.sheaf.compute.sql.ParsedStatement.DiffState;
import dev.sheaf.compute.sql.ParsedStatement.ShowDiff;
import dev.sheaf.compute.sql.TableName;
import dev.sheaf.compute.storage.ShardAccess;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SHOW DIFF: a summary of all tables, or the rows of one. Of the session's own database it reads
 * the transaction's snapshot, unless a moment is named; of others what they are now.
 */
final class DiffStatement {
  private final ShowDiff diff;
  private final StatementScope scope;
  private final DiffSide from;
  private final DiffSide to;
  private final @Nullable TablePair table;

  DiffStatement(ShowDiff diff, StatementScope scope) {
    this.diff = diff;
    this.scope = scope;
    this.from = side(diff.from());
    this.to = side(diff.to());
    this.table = diff.table() == null ? null : pair(diff.table());
  }

  List<Field> fields() {
    return table == null ? DiffSummary.FIELDS : DiffRows.fields(table);
  }

  SqlResult.Rows run() {
    long limit = diff.limit() == null ? Long.MAX_VALUE : diff.limit();
    var context = new DiffContext(scope.memory(), scope.deadline(), scope::checkAlive);
    BatchSource rows;
    if (table == null) {
      rows = ResultRows.of(List.of(DiffSummary.of(from, to, limit, context)));
    } else {
      SheafException refused = table.incomparable();
      if (refused != null) {
        throw refused;
      }
      rows = new DiffRows(table, from, to, limit, context);
    }
    return new SqlResult.Rows(fields(), rows);
  }

  private DiffSide side(DiffState state) {
    Identifier name = state.database();
    boolean own = name == null || name.name().equals(scope.catalogView().database());
    ShardAccess shard =
        own || name == null
            ? scope.transaction().shard()
            : scope.engine().database(name.name()).shard();
    if (state.atSql() != null) {
      Timestamp at = moment(state.atSql(), state);
      Catalog then = scope.engine().catalogs.at(shard, at, scope.deadline());
      return new DiffSide(shard, at, then);
    }
    if (!own) {
      Snapshot now = shard.service().snapshot(shard.shard(), scope.deadline());
      Catalog catalog = scope.engine().catalogs.at(shard, now, scope.deadline());
      return new DiffSide(shard, now.timestamp(), catalog);
    }
    if (scope.transaction().hasWrites()) {
      throw state
          .position()
          .unsupported("SHOW DIFF of what the transaction has written itself")
          .withHint("Commit first.");
    }
    scope.transaction().settle(scope.deadline());
    Timestamp now = scope.transaction().snapshot(scope.deadline()).timestamp();
    return new DiffSide(shard, now, scope.catalog());
  }

  /** The moment's whole millisecond counts, as in FOR SYSTEM_TIME AS OF. */
  private Timestamp moment(String sql, DiffState state) {
    @Nullable Object micros =
        new PlannerExpressions(scope).constantDefault(sql, SqlType.TIMESTAMPTZ);
    if (micros == null || (Long) micros < 0) {
      throw state
          .position()
          .error(
              ErrorCode.INVALID_PARAMETER_VALUE,
              "AT needs a timestamp after 1970, not "
                  + (micros == null ? "NULL" : "an earlier one"));
    }
    return Timestamp.endOfMillis(Math.floorDiv((Long) micros, 1000L));
  }

  private TablePair pair(TableName name) {
    List<String> path = scope.settings().searchPath();
    TableDescriptor found =
        new CatalogNames(to.catalog(), path)
            .find(name)
            .orElseGet(() -> new CatalogNames(from.catalog(), path).require(name));
    return new TablePair(
        from.catalog().table(found.schema(), found.name()),
        to.catalog().table(found.schema(), found.name()));
  }
}
