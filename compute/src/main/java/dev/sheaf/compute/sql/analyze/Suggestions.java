package dev.sheaf.compute.sql.analyze;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Did-you-mean hints: the nearest name by edit distance. */
final class Suggestions {
  private static final int MAX_CANDIDATES = 10_000;

  private Suggestions() {}

  /** The nearest candidate, if it is near enough to be a slip of the keyboard. */
  static Optional<String> nearest(String name, Collection<String> candidates) {
    int limit = Math.max(1, name.length() / 3);
    return candidates.stream()
        .limit(MAX_CANDIDATES)
        .filter(c -> Math.abs(c.length() - name.length()) <= limit && !c.equals(name))
        .filter(c -> distance(name, c) <= limit)
        .min(Comparator.comparingInt((String c) -> distance(name, c)).thenComparing(c -> c));
  }

  /** Damerau's distance without repeated edits: insertions, deletions, changes, swaps. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
