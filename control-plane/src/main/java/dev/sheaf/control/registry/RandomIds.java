package dev.sheaf.control.registry;

import dev.sheaf.protocol.DatabaseId;
import java.util.random.RandomGenerator;

/**
 * Ids that people can tell apart and that never repeat: the database's name, as far as an id can
 * hold it, and 60 random bits. Thread-safe if the generator is.
 */
final class RandomIds {
  /** Digits and letters without i, l, o, u, which are easily misread. */
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

  private static final int ID_DIGITS = 12;
  private static final int TOKEN_DIGITS = 26;
  private static final int MAX_NAME_CHARS = 40;

  private final RandomGenerator random;

  RandomIds(RandomGenerator random) {
    this.random = random;
  }

  DatabaseId databaseId(DatabaseName name) {
    String text = name.value().replace('_', '-').replace('@', '-').replace('~', '-');
    String readable = text.substring(0, Math.min(text.length(), MAX_NAME_CHARS));
    return new DatabaseId(readable + "-" + digits(ID_DIGITS));
  }

  String token() {
    return digits(TOKEN_DIGITS);
  }

  private String digits(int count) {
    var text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      text.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    return text.toString();
  }
}
