package dev.sheaf.flightsql.session;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A fixed set of users with passwords, which are kept as PBKDF2 hashes only. An unknown user takes
 * as long as a wrong password. At most a few checks run at once, so that guessing passwords cannot
 * take the processor away from queries. Thread-safe.
 */
public final class PasswordUsers implements Authenticator {
  private static final int ITERATIONS = 60_000;
  private static final int CONCURRENT_CHECKS = 2;
  private static final String NOBODY = "";

  private final byte[] salt = new byte[16];
  private final Map<String, byte[]> hashes = new HashMap<>();
  private final Semaphore checks = new Semaphore(CONCURRENT_CHECKS);

  /**
   * @param passwords password of each user name
   */
  public PasswordUsers(Map<String, String> passwords, SecureRandom random) {
    random.nextBytes(salt);
    passwords.forEach((user, password) -> hashes.put(user, hash(password)));
    byte[] unmatched = new byte[32];
    random.nextBytes(unmatched);
    hashes.put(NOBODY, unmatched);
  }

  @Override
  public String login(String user, String password) {
    byte[] expected = hashes.getOrDefault(user, hashes.get(NOBODY));
    byte[] actual;
    checks.acquireUninterruptibly();
    try {
      actual = hash(password);
    } finally {
      checks.release();
    }
    if (!MessageDigest.isEqual(actual, expected)) {
      throw new SheafException(
              ErrorCode.INVALID_PASSWORD,
              "password authentication failed for user \"" + user + "\"")
          .withHint("Check the user name and the password.");
    }
    return user;
  }

  private byte[] hash(String password) {
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, 256))
          .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has PBKDF2WithHmacSHA256", e);
    }
  }

  @Override
  public String anonymous() {
    throw new SheafException(ErrorCode.INVALID_AUTHORIZATION, "no credentials were sent")
        .withHint("Connect with a user name and a password.");
  }

  @Override
  public boolean trustsEverybody() {
    return false;
  }
}
