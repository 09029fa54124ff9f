package dev.sheaf.columnar.expression;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What an expression may read besides its batch. Immutable; shared by the workers of a statement,
 * so {@code random} and {@code transactionStatus} must be thread-safe.
 *
 * @param now the statement's time (its transaction's start)
 * @param zone the session's time zone
 * @param random feeds RANDOM and GEN_RANDOM_UUID
 * @param transactionStatus answers SHEAF_TRANSACTION_STATUS for an id's text
 * @param parameters physical values of the statement's parameters
 * @param correlated by Correlate id, the physical values of its current left row
 */
public record EvaluationContext(
    Instant now,
    ZoneId zone,
    String database,
    String schema,
    String user,
    String version,
    RandomGenerator random,
    UnaryOperator<String> transactionStatus,
    @Nullable Object[] parameters,
    Map<Integer, @Nullable Object[]> correlated) {

  /** For functions of their arguments alone. */
  public static final EvaluationContext NONE =
      new EvaluationContext(
          Instant.EPOCH,
          ZoneOffset.UTC,
          "",
          "",
          "",
          "",
          () -> {
            throw new IllegalStateException("no random values here");
          },
          id -> {
            throw new IllegalStateException("no transactions here");
          },
          new @Nullable Object[0],
          Map.of());

  /** The same with another left row for a Correlate. */
  public EvaluationContext withCorrelated(int correlateId, @Nullable Object[] row) {
    Map<Integer, @Nullable Object[]> rows = new HashMap<>(correlated);
    rows.put(correlateId, row);
    return new EvaluationContext(
        now, zone, database, schema, user, version, random, transactionStatus, parameters, rows);
  }
}
