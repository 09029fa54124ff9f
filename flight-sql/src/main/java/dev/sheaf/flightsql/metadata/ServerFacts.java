package dev.sheaf.flightsql.metadata;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.sql.SqlInfoBuilder;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlNullOrdering;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlOuterJoinsSupportLevel;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedCaseSensitivity;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedElementActions;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedGroupBy;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedResultSetType;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedSubqueries;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedTransaction;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedUnions;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlTransactionIsolationLevel;
import org.apache.arrow.flight.sql.impl.FlightSql.SupportedAnsi92SqlGrammarLevel;
import org.apache.arrow.flight.sql.impl.FlightSql.SupportedSqlGrammar;

/**
 * What the server says of itself (SqlInfo). Complete: the stock JDBC driver fails with a
 * NullPointerException for every fact that is missing. Thread-safe.
 */
public final class ServerFacts {
  private static final long NO_LIMIT = 0;
  private static final long MAX_NAME = 63;
  private static final long MAX_COLUMNS = 1600;

  /** Snapshot isolation goes by this name: it has no number of its own. */
  private static final long DEFAULT_ISOLATION =
      SqlTransactionIsolationLevel.SQL_TRANSACTION_REPEATABLE_READ_VALUE;

  private final SqlInfoBuilder builder = new SqlInfoBuilder();

  /**
   * @param version of the product
   * @param handleIdle how long an unused prepared statement is kept
   * @param transactionIdle how long an idle transaction is kept
   * @param maxStatementLength characters of a statement
   */
  public ServerFacts(
      String version, Duration handleIdle, Duration transactionIdle, long maxStatementLength) {
    server(version, handleIdle, transactionIdle);
    names();
    syntax();
    capabilities();
    limits(maxStatementLength);
    transactions();
  }

  /** Sends the facts with these numbers, all if there are none; ends the call. */
  public void send(List<Integer> ids, ServerStreamListener listener) {
    List<Integer> known = new ArrayList<>();
    List<Integer> added = new ArrayList<>();
    for (Integer id : ids.isEmpty() ? numbers() : ids) {
      if (ConcurrencyFacts.isForgotten(id)) {
        added.add(id);
      } else if (SqlInfo.forNumber(id) != null) {
        known.add(id);
      }
    }
    if (known.isEmpty()) {
      // To the builder an empty list means all.
      known.add(SqlInfo.FLIGHT_SQL_SERVER_NAME_VALUE);
    }
    // The builder allocates on its own and frees at once, so the transport must copy.
    listener.setUseZeroCopy(false);
    builder.send(known, new ConcurrencyFacts(listener, added));
  }

  private static List<Integer> numbers() {
    return Arrays.stream(SqlInfo.values())
        .filter(fact -> fact != SqlInfo.UNRECOGNIZED)
        .map(SqlInfo::getNumber)
        .toList();
  }

  private void server(String version, Duration handleIdle, Duration transactionIdle) {
    builder
        .withFlightSqlServerName("Sheaf")
        .withFlightSqlServerVersion(version)
        .withFlightSqlServerArrowVersion("18.3.0")
        .withFlightSqlServerReadOnly(false)
        .withFlightSqlServerSql(true)
        .withFlightSqlServerSubstrait(false)
        .withFlightSqlServerSubstraitMinVersion("")
        .withFlightSqlServerSubstraitMaxVersion("")
        .withFlightSqlServerTransaction(
            SqlSupportedTransaction.SQL_SUPPORTED_TRANSACTION_TRANSACTION)
        .withFlightSqlServerCancel(true)
        .withFlightSqlServerBulkIngestion(true)
        .withFlightSqlServerBulkIngestionTransaction(true)
        .withFlightSqlServerStatementTimeout((int) handleIdle.toMillis())
        .withFlightSqlServerTransactionTimeout((int) transactionIdle.toMillis());
  }

  private void names() {
    builder
        .withSqlDdlCatalog(false)
        .withSqlDdlSchema(true)
        .withSqlDdlTable(true)
        .withSqlIdentifierCase(SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_LOWERCASE)
        .withSqlIdentifierQuoteChar("\"")
        .withSqlQuotedIdentifierCase(
            // Quoted names keep their case and are compared with it, which has no number.
            SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_UNKNOWN)
        .withSqlAllTablesAreSelectable(true)
        .withSqlNullOrdering(SqlNullOrdering.SQL_NULLS_SORTED_HIGH)
        .withSqlKeywords(Vocabulary.KEYWORDS)
        .withSqlNumericFunctions(Vocabulary.NUMERIC)
        .withSqlStringFunctions(Vocabulary.STRING)
        .withSqlSystemFunctions(Vocabulary.SYSTEM)
        .withSqlDatetimeFunctions(Vocabulary.DATETIME)
        .withSqlSearchStringEscape(String.valueOf(LikePattern.ESCAPE))
        .withSqlExtraNameCharacters("")
        .withSqlSchemaTerm("schema")
        .withSqlProcedureTerm("procedure")
        .withSqlCatalogTerm("database")
        .withSqlCatalogAtStart(true);
  }

  private void syntax() {
    builder
        .withSqlSupportsColumnAliasing(true)
        .withSqlNullPlusNullIsNull(true)
        .withSqlSupportsConvert(Map.of())
        .withSqlSupportsTableCorrelationNames(true)
        .withSqlSupportsDifferentTableCorrelationNames(false)
        .withSqlSupportsExpressionsInOrderBy(true)
        .withSqlSupportsOrderByUnrelated(true)
        .withSqlSupportedGroupBy(
            SqlSupportedGroupBy.SQL_GROUP_BY_UNRELATED,
            SqlSupportedGroupBy.SQL_GROUP_BY_BEYOND_SELECT)
        .withSqlSupportsLikeEscapeClause(true)
        .withSqlSupportsNonNullableColumns(true)
        .withSqlSupportedGrammar(
            SupportedSqlGrammar.SQL_MINIMUM_GRAMMAR, SupportedSqlGrammar.SQL_CORE_GRAMMAR)
        .withSqlAnsi92SupportedLevel(SupportedAnsi92SqlGrammarLevel.ANSI92_ENTRY_SQL)
        .withSqlSupportsIntegrityEnhancementFacility(false)
        .withSqlOuterJoinSupportLevel(
            SqlOuterJoinsSupportLevel.SQL_FULL_OUTER_JOINS,
            SqlOuterJoinsSupportLevel.SQL_LIMITED_OUTER_JOINS);
  }

  private void capabilities() {
    builder
        .withSqlSchemasSupportedActions(
            SqlSupportedElementActions.SQL_ELEMENT_IN_PROCEDURE_CALLS,
            SqlSupportedElementActions.SQL_ELEMENT_IN_INDEX_DEFINITIONS)
        .withSqlCatalogsSupportedActions()
        .withSqlSupportedPositionedCommands()
        .withSqlSelectForUpdateSupported(false)
        .withSqlStoredProceduresSupported(false)
        .withSqlSubQueriesSupported(
            SqlSupportedSubqueries.SQL_SUBQUERIES_IN_COMPARISONS,
            SqlSupportedSubqueries.SQL_SUBQUERIES_IN_EXISTS,
            SqlSupportedSubqueries.SQL_SUBQUERIES_IN_INS,
            SqlSupportedSubqueries.SQL_SUBQUERIES_IN_QUANTIFIEDS)
        .withSqlCorrelatedSubqueriesSupported(true)
        .withSqlSupportedUnions(SqlSupportedUnions.SQL_UNION, SqlSupportedUnions.SQL_UNION_ALL);
  }

  private void limits(long maxStatementLength) {
    builder
        .withSqlMaxBinaryLiteralLength(NO_LIMIT)
        .withSqlMaxCharLiteralLength(NO_LIMIT)
        .withSqlMaxColumnNameLength(MAX_NAME)
        .withSqlMaxColumnsInGroupBy(NO_LIMIT)
        .withSqlMaxColumnsInIndex(NO_LIMIT)
        .withSqlMaxColumnsInOrderBy(NO_LIMIT)
        .withSqlMaxColumnsInSelect(MAX_COLUMNS)
        .withSqlMaxColumnsInTable(MAX_COLUMNS)
        .withSqlMaxConnections(NO_LIMIT)
        .withSqlMaxCursorNameLength(MAX_NAME)
        .withSqlMaxIndexLength(NO_LIMIT)
        .withSqlDbSchemaNameLength(MAX_NAME)
        .withSqlMaxProcedureNameLength(NO_LIMIT)
        .withSqlMaxCatalogNameLength(MAX_NAME)
        .withSqlMaxRowSize(NO_LIMIT)
        .withSqlMaxRowSizeIncludesBlobs(true)
        .withSqlMaxStatementLength(maxStatementLength)
        .withSqlMaxStatements(NO_LIMIT)
        .withSqlMaxTableNameLength(MAX_NAME)
        .withSqlMaxTablesInSelect(NO_LIMIT)
        .withSqlMaxUsernameLength(MAX_NAME);
  }

  private void transactions() {
    builder
        .withSqlDefaultTransactionIsolation(DEFAULT_ISOLATION)
        .withSqlTransactionsSupported(true)
        .withSqlSupportedTransactionsIsolationLevels(
            SqlTransactionIsolationLevel.SQL_TRANSACTION_READ_COMMITTED,
            SqlTransactionIsolationLevel.SQL_TRANSACTION_REPEATABLE_READ,
            SqlTransactionIsolationLevel.SQL_TRANSACTION_SERIALIZABLE)
        .withSqlDataDefinitionCausesTransactionCommit(false)
        .withSqlDataDefinitionsInTransactionsIgnored(false)
        .withSqlSupportedResultSetTypes(SqlSupportedResultSetType.SQL_RESULT_SET_TYPE_FORWARD_ONLY)
        .withSqlBatchUpdatesSupported(true)
        .withSqlSavepointsSupported(false)
        .withSqlNamedParametersSupported(false)
        .withSqlLocatorsUpdateCopy(false)
        .withSqlStoredFunctionsUsingCallSyntaxSupported(false);
  }
}
