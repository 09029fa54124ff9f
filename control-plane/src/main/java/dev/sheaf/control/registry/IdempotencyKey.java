package dev.sheaf.control.registry;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A caller's name for one request, so that repeating it is harmless: the same key with the same
 * body gets the first answer again, for 24 hours.
 *
 * @param keyHash SHA-256 of the caller's text, in hexadecimal: a safe key in the store
 * @param bodyHash SHA-256 of the request's body, in hexadecimal
 */
public record IdempotencyKey(String keyHash, String bodyHash) {
  private static final Pattern VALID = Pattern.compile("[\\x21-\\x7e]{1,255}");

  /** 22023 unless the key is 1 to 255 visible ASCII characters. */
  public static IdempotencyKey of(String key, byte[] body) {
    if (!VALID.matcher(key).matches()) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "not an idempotency key")
          .withHint("Idempotency-Key is 1 to 255 visible ASCII characters, for example a UUID.");
    }
    return new IdempotencyKey(sha256(key.getBytes(StandardCharsets.US_ASCII)), sha256(body));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
