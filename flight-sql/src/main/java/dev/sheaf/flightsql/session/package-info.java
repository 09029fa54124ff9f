/**
 * Who calls, and what the server keeps for them between calls.
 *
 * <p>A gRPC call with headers comes in through {@link dev.sheaf.flightsql.session.CallGate}, which
 * authenticates it ({@link dev.sheaf.flightsql.session.Authenticator}, {@code SessionTokens}) and
 * leaves a {@link dev.sheaf.flightsql.session.Caller} in the call's context. {@link
 * dev.sheaf.flightsql.session.Sessions} finds or makes the {@link
 * dev.sheaf.flightsql.session.ClientSession}, bounds their number and expires idle ones. {@link
 * dev.sheaf.flightsql.session.Handles} are the sealed names that clients get for what lies in a
 * session: tickets, prepared statements, transactions.
 */
@NullMarked
package dev.sheaf.flightsql.session;

import org.jspecify.annotations.NullMarked;
