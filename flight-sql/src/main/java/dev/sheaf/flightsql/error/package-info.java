/**
 * What an error looks like on the wire: any throwable comes in, a gRPC status with a readable text
 * and machine-readable trailers goes out. One class, {@link
 * dev.sheaf.flightsql.error.FlightErrors}.
 */
@NullMarked
package dev.sheaf.flightsql.error;

import org.jspecify.annotations.NullMarked;
