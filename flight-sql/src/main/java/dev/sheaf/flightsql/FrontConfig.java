package dev.sheaf.flightsql;

import dev.sheaf.flightsql.session.SessionLimits;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of the front.
 *
 * @param maxMessageBytes largest message a client may send; a record batch is one message
 * @param maxHeaderBytes largest set of headers
 * @param incomingBytes memory for all clients' incoming batches together
 * @param sendAheadBytes bytes queued for a client that reads slowly before its statement waits
 * @param tokenKey key of tokens and handles, at least 16 bytes, shared by fronts that shall accept
 *     each other's tokens; empty = a random one, so that a restart ends all sessions
 * @param tokenLifetime how long a login is good for
 * @param clientSilence how long to wait for a client that neither reads nor sends
 * @param maxStatements statements that run at once; more wait a moment, then get 53300
 * @param maxParameterRows rows bound to one execution
 * @param trustAnywhere allows to listen on other than loopback addresses without users
 */
public record FrontConfig(
    int maxMessageBytes,
    int maxHeaderBytes,
    long incomingBytes,
    int sendAheadBytes,
    Optional<byte[]> tokenKey,
    Duration tokenLifetime,
    Duration clientSilence,
    int maxStatements,
    int maxParameterRows,
    boolean trustAnywhere,
    SessionLimits sessions) {

  public static FrontConfig defaults() {
    return new FrontConfig(
        32 << 20,
        16 << 10,
        1L << 30,
        10 << 20,
        Optional.empty(),
        Duration.ofHours(24),
        Duration.ofMinutes(2),
        1024,
        1 << 17,
        false,
        SessionLimits.defaults());
  }

  public FrontConfig withTokenKey(byte[] key) {
    return new FrontConfig(
        maxMessageBytes,
        maxHeaderBytes,
        incomingBytes,
        sendAheadBytes,
        Optional.of(key.clone()),
        tokenLifetime,
        clientSilence,
        maxStatements,
        maxParameterRows,
        trustAnywhere,
        sessions);
  }

  public FrontConfig withSessions(SessionLimits limits) {
    return new FrontConfig(
        maxMessageBytes,
        maxHeaderBytes,
        incomingBytes,
        sendAheadBytes,
        tokenKey,
        tokenLifetime,
        clientSilence,
        maxStatements,
        maxParameterRows,
        trustAnywhere,
        limits);
  }

  public FrontConfig withTrustAnywhere(boolean allowed) {
    return new FrontConfig(
        maxMessageBytes,
        maxHeaderBytes,
        incomingBytes,
        sendAheadBytes,
        tokenKey,
        tokenLifetime,
        clientSilence,
        maxStatements,
        maxParameterRows,
        allowed,
        sessions);
  }
}
