package dev.sheaf.flightsql.session;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Authenticates bytes that clients carry for us: HMAC-SHA256, cut to 128 bits. The purpose is part
 * of what is sealed, so that a token can never pass for a handle. Thread-safe.
 */
public final class Seal {
  static final int BYTES = 16;
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  /**
   * @param key at least 16 bytes; fronts that shall accept each other's tokens share it
   */
  public Seal(byte[] key) {
    if (key.length < 16) {
      throw new IllegalArgumentException("the token key needs at least 16 bytes");
    }
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  byte[] of(String purpose, byte[] content) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(purpose.getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) 0);
      return Arrays.copyOf(mac.doFinal(content), BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  boolean verifies(String purpose, byte[] content, byte[] seal) {
    return MessageDigest.isEqual(of(purpose, content), seal);
  }
}
