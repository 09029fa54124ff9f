package dev.sheaf.flightsql.session;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/**
 * Bearer tokens and session cookies, which are the same thing: text that names a user and a
 * session.
 *
 * <pre>
 * base64url( version u8 = 1 | expiry epoch-millis u64 | session id 16 bytes | user UTF-8 )
 *   "." base64url( seal over the bytes before, 16 bytes )
 * </pre>
 *
 * Thread-safe.
 */
final class SessionTokens {
  private static final int VERSION = 1;
  private static final String PURPOSE = "session";
  private static final int MAX_LENGTH = 2048;

  private final Seal seal;
  private final InstantSource clock;
  private final Duration lifetime;

  SessionTokens(Seal seal, InstantSource clock, Duration lifetime) {
    this.seal = seal;
    this.clock = clock;
    this.lifetime = lifetime;
  }

  /** What a token says. */
  record Claim(String user, SessionId session) {}

  String mint(Claim claim) {
    byte[] user = claim.user().getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(1 + 8 + SessionId.BYTES + user.length);
    out.put((byte) VERSION).putLong(clock.millis() + lifetime.toMillis());
    claim.session().write(out);
    out.put(user);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return base64.encodeToString(out.array())
        + "."
        + base64.encodeToString(seal.of(PURPOSE, out.array()));
  }

  /** Empty if the token is forged, garbled or expired. */
  Optional<Claim> verify(String token) {
    int dot = token.indexOf('.');
    if (dot < 0 || token.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      byte[] content = Base64.getUrlDecoder().decode(token.substring(0, dot));
      byte[] mac = Base64.getUrlDecoder().decode(token.substring(dot + 1));
      if (!seal.verifies(PURPOSE, content, mac)) {
        return Optional.empty();
      }
      ByteBuffer in = ByteBuffer.wrap(content);
      if (in.get() != VERSION || in.getLong() <= clock.millis()) {
        return Optional.empty();
      }
      SessionId session = SessionId.read(in);
      byte[] user = new byte[in.remaining()];
      in.get(user);
      return Optional.of(new Claim(new String(user, StandardCharsets.UTF_8), session));
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }
}
