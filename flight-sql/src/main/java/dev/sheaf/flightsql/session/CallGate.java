package dev.sheaf.flightsql.session;

import dev.sheaf.flightsql.error.FlightErrors;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates every call of every service of the port before anything else looks at it.
 *
 * <ul>
 *   <li>{@code authorization: Basic}: checked, answered with {@code authorization: Bearer};
 *   <li>{@code authorization: Bearer}: our own token, see {@link SessionTokens};
 *   <li>else the cookie {@code arrow_flight_session_id}, which holds such a token;
 *   <li>else the anonymous user, where the {@link Authenticator} has one.
 * </ul>
 *
 * A forged or expired cookie counts as none, a forged token is refused. A call that used a session
 * which its client did not name by cookie is answered with one. Thread-safe.
 */
public final class CallGate implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION = ascii("authorization");
  private static final Metadata.Key<String> COOKIE = ascii("cookie");
  private static final Metadata.Key<String> SET_COOKIE = ascii("set-cookie");
  private static final String COOKIE_NAME = "arrow_flight_session_id";
  private static final String HANDSHAKE = "Handshake";
  private static final List<Metadata.Key<String>> HEADERS =
      Stream.of("database", "branch", "schema", "timezone").map(CallGate::ascii).toList();
  private static final int MAX_HEADER = 256;

  private final Authenticator authenticator;
  private final SessionTokens tokens;
  private final SecureRandom random;
  private final int sendAheadBytes;

  CallGate(
      Authenticator authenticator, SessionTokens tokens, SecureRandom random, int sendAheadBytes) {
    this.authenticator = authenticator;
    this.tokens = tokens;
    this.random = random;
    this.sendAheadBytes = sendAheadBytes;
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** A caller and how the answer confirms it. */
  private record Entry(Caller caller, @Nullable String bearer, Optional<SessionId> cookie) {}

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Entry entry;
    try {
      entry = enter(headers, HANDSHAKE.equals(call.getMethodDescriptor().getBareMethodName()));
    } catch (RuntimeException e) {
      StatusRuntimeException refusal = FlightErrors.toStatus(e);
      Metadata trailers = refusal.getTrailers();
      call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
    call.setOnReadyThreshold(sendAheadBytes);
    var answering =
        new SimpleForwardingServerCall<Q, A>(call) {
          private boolean sent;

          @Override
          public void sendHeaders(Metadata answer) {
            confirm(entry, answer);
            sent = true;
            super.sendHeaders(answer);
          }

          @Override
          public void close(Status status, Metadata trailers) {
            if (!sent) {
              confirm(entry, trailers);
            }
            super.close(status, trailers);
          }
        };
    Context context = Context.current().withValue(Caller.KEY, entry.caller());
    return Contexts.interceptCall(context, answering, headers, next);
  }

  private void confirm(Entry entry, Metadata answer) {
    String bearer = entry.bearer();
    if (bearer != null) {
      answer.put(AUTHORIZATION, "Bearer " + bearer);
    }
    SessionId used = entry.caller().used();
    if (used != null && !entry.cookie().equals(Optional.of(used))) {
      String token = tokens.mint(new SessionTokens.Claim(entry.caller().user(), used));
      answer.put(SET_COOKIE, COOKIE_NAME + "=" + token);
    }
  }

  private Entry enter(Metadata metadata, boolean handshake) {
    Map<String, String> headers = new HashMap<>();
    for (Metadata.Key<String> name : HEADERS) {
      String value = metadata.get(name);
      if (value != null && !value.isBlank() && value.length() <= MAX_HEADER) {
        headers.put(name.name(), value.strip());
      }
    }
    Optional<SessionTokens.Claim> cookie = cookie(metadata);
    String authorization = metadata.get(AUTHORIZATION);
    if (authorization == null || authorization.isBlank()) {
      return cookie.isPresent()
          ? entry(cookie.get(), true, headers, null, cookie)
          : anonymous(headers);
    }
    int space = authorization.indexOf(' ');
    String scheme = authorization.substring(0, Math.max(0, space)).toLowerCase(Locale.ROOT);
    String credentials = authorization.substring(space + 1).strip();
    return switch (scheme) {
      case "basic" -> {
        String user = login(credentials);
        Optional<SessionTokens.Claim> same = cookie.filter(c -> c.user().equals(user));
        SessionTokens.Claim claim = same.orElseGet(() -> fresh(user));
        yield entry(claim, same.isPresent(), headers, tokens.mint(claim), same);
      }
      case "bearer" -> {
        SessionTokens.Claim claim = tokens.verify(credentials).orElseThrow(CallGate::badToken);
        yield entry(claim, true, headers, handshake ? credentials : null, cookie);
      }
      default -> throw malformed();
    };
  }

  private Entry anonymous(Map<String, String> headers) {
    SessionTokens.Claim claim = fresh(authenticator.anonymous());
    var caller = new Caller(claim.user(), claim.session(), false, true, headers);
    return new Entry(caller, null, Optional.empty());
  }

  private static Entry entry(
      SessionTokens.Claim claim,
      boolean claimed,
      Map<String, String> headers,
      @Nullable String bearer,
      Optional<SessionTokens.Claim> cookie) {
    return new Entry(
        new Caller(claim.user(), claim.session(), claimed, false, headers),
        bearer,
        cookie.map(SessionTokens.Claim::session));
  }

  private SessionTokens.Claim fresh(String user) {
    return new SessionTokens.Claim(user, SessionId.random(random));
  }

  private String login(String credentials) {
    String plain;
    try {
      plain = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
    int colon = plain.indexOf(':');
    if (colon < 0) {
      throw malformed();
    }
    return authenticator.login(plain.substring(0, colon), plain.substring(colon + 1));
  }

  private Optional<SessionTokens.Claim> cookie(Metadata metadata) {
    Iterable<String> all = metadata.getAll(COOKIE);
    if (all == null) {
      return Optional.empty();
    }
    for (String header : all) {
      for (String pair : header.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(COOKIE_NAME)) {
          String value = pair.substring(equals + 1).strip();
          boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
          return tokens.verify(quoted ? value.substring(1, value.length() - 1) : value);
        }
      }
    }
    return Optional.empty();
  }

  private static SheafException badToken() {
    return new SheafException(
            ErrorCode.INVALID_AUTHORIZATION, "the bearer token is not valid or has expired")
        .withHint("Connect again with a user name and a password.");
  }

  private static SheafException malformed() {
    return new SheafException(
            ErrorCode.INVALID_AUTHORIZATION, "the authorization header cannot be understood")
        .withHint("Send Basic credentials or the Bearer token of the handshake.");
  }
}
