package dev.sheaf.flightsql.session;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** 128 random bits that name a client's session. */
public record SessionId(long high, long low) {
  static final int BYTES = 16;

  static SessionId random(SecureRandom random) {
    return new SessionId(random.nextLong(), random.nextLong());
  }

  static SessionId read(ByteBuffer in) {
    return new SessionId(in.getLong(), in.getLong());
  }

  void write(ByteBuffer out) {
    out.putLong(high).putLong(low);
  }
}
