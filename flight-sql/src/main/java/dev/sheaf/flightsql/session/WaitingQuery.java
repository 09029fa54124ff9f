package dev.sheaf.flightsql.session;

import dev.sheaf.columnar.vector.Batch;
import org.jspecify.annotations.Nullable;

/**
 * A query that was planned and waits for its DoGet. Holds its statement.
 *
 * @param parameters as bound when the query was asked for; null = none
 */
public record WaitingQuery(HeldStatement statement, @Nullable Batch parameters) {}
