package dev.sheaf.flightsql.metadata;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Name filters of metadata calls: {@code %} and {@code _} with {@code \} as the escape. Pure. */
final class LikePattern {
  static final char ESCAPE = '\\';

  private LikePattern() {}

  /** Null = every name. */
  static Predicate<String> of(@Nullable String pattern) {
    if (pattern == null) {
      return name -> true;
    }
    var regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == ESCAPE && i + 1 < pattern.length()) {
        regex.append(Pattern.quote(String.valueOf(pattern.charAt(++i))));
      } else if (c == '%') {
        regex.append(".*");
      } else if (c == '_') {
        regex.append('.');
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).asMatchPredicate();
  }
}
