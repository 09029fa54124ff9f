package dev.sheaf.flightsql.session;

import io.grpc.Context;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The client behind one call, as {@link CallGate} found it. Thread-safe.
 *
 * <p>A client that sends neither token nor cookie has a session of its own for each call; a handle
 * from an earlier call takes it back to the session of that call.
 */
public final class Caller {
  static final Context.Key<Caller> KEY = Context.key("sheaf.caller");

  private final String user;
  private final SessionId named;
  private final boolean claimed;
  private final boolean anonymous;
  private final Map<String, String> headers;
  private final AtomicReference<@Nullable SessionId> used = new AtomicReference<>();

  /**
   * @param named the session that the client named, or a new one
   * @param claimed whether the client named it
   * @param anonymous whether the call carries no credentials at all, which only a server that
   *     trusts everybody lets in
   * @param headers what the client asks for: database, branch, schema, timezone
   */
  Caller(
      String user,
      SessionId named,
      boolean claimed,
      boolean anonymous,
      Map<String, String> headers) {
    this.user = user;
    this.named = named;
    this.claimed = claimed;
    this.anonymous = anonymous;
    this.headers = Map.copyOf(headers);
  }

  /** The caller of the running call. */
  public static Caller current() {
    Caller caller = KEY.get();
    if (caller == null) {
      throw new IllegalStateException("the call did not pass the gate");
    }
    return caller;
  }

  public String user() {
    return user;
  }

  SessionId named() {
    return named;
  }

  boolean isClaimed() {
    return claimed;
  }

  boolean isAnonymous() {
    return anonymous;
  }

  /** A header of the call; null = absent. */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /**
   * Remembers that the call left something in a session, so that the client must learn its name.
   */
  void use(SessionId session) {
    used.set(session);
  }

  @Nullable SessionId used() {
    return used.get();
  }
}
