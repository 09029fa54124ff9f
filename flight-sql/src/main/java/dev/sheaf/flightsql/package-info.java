/**
 * The way SQL comes in: Arrow Flight SQL over one Netty gRPC server.
 *
 * <p>In come Flight calls; out go calls of a {@link dev.sheaf.rpc.sql.SqlService}. {@link
 * dev.sheaf.flightsql.FlightSqlFront} starts and stops the server, {@link
 * dev.sheaf.flightsql.SheafFlightSqlProducer} sorts the calls by topic: {@code StatementCalls} and
 * {@code PreparedCalls} (with {@code QueryStarter} and {@code ResultStreams} under both), {@code
 * IngestCalls}, {@code TransactionCalls}, {@code SessionCalls}, {@code MetadataCalls}. Sessions and
 * authentication lie in {@code session}, streams in {@code stream}, answers about the schema in
 * {@code metadata}, and what an error looks like on the wire in {@code error}.
 */
@NullMarked
package dev.sheaf.flightsql;

import org.jspecify.annotations.NullMarked;
