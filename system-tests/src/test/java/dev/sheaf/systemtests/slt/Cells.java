package dev.sheaf.systemtests.slt;

import dev.sheaf.systemtests.slt.SltRecord.SortMode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Results as files write them, and whether one is what was expected. */
final class Cells {
  private static final Pattern HASH = Pattern.compile("(\\d+) values hashing to ([0-9a-f]{32})");

  /** Numbers of so many digits after the point were rounded to them. */
  private static final int ROUNDED_DIGITS = 3;

  private static final BigDecimal RELATIVE = new BigDecimal("1e-9");
  private static final int WRITTEN_DIGITS = 6;

  private Cells() {}

  /**
   * What is different, null if nothing.
   *
   * @param types a letter for each column
   */
  static String difference(
      List<String> expected, List<List<String>> actual, String types, SortMode sort) {
    int columns = types.length();
    Matcher hash =
        expected.size() == 1 ? HASH.matcher(expected.getFirst().strip()) : HASH.matcher("");
    if (hash.matches()) {
      String found = hashed(actual, types, sort);
      return expected.getFirst().strip().equals(found) ? null : "found " + found;
    }
    if (sort == SortMode.VALUESORT) {
      return values(expected, actual, types);
    }
    boolean byRow = columns > 1 && expected.size() == actual.size() && !actual.isEmpty();
    boolean byValue = expected.size() == (long) actual.size() * columns;
    if (!byRow && !byValue) {
      return "found " + actual.size() + " rows";
    }
    List<List<String>> wanted =
        byRow ? expected.stream().map(List::of).toList() : cut(expected, columns);
    List<List<String>> found = actual;
    if (sort == SortMode.ROWSORT) {
      wanted = sorted(wanted.stream().map(r -> byRow ? split(r.getFirst(), columns) : r).toList());
      found = sorted(shownRows(actual));
      for (int r = 0; r < found.size(); r++) {
        if (!sameRow(wanted.get(r), found.get(r), types)) {
          return "row "
              + (r + 1)
              + ", sorted: expected "
              + wanted.get(r)
              + ", found "
              + found.get(r);
        }
      }
      return null;
    }
    for (int r = 0; r < found.size(); r++) {
      if (!sameRow(
          byRow ? split(wanted.get(r).getFirst(), columns) : wanted.get(r), found.get(r), types)) {
        return "row " + (r + 1) + ": expected " + wanted.get(r) + ", found " + shown(found.get(r));
      }
    }
    return null;
  }

  private static String values(List<String> expected, List<List<String>> actual, String types) {
    List<String> found = new ArrayList<>();
    shownRows(actual).forEach(found::addAll);
    List<String> wanted = new ArrayList<>(expected);
    Collections.sort(found);
    Collections.sort(wanted);
    if (found.size() != wanted.size()) {
      return "found " + found.size() + " values";
    }
    for (int i = 0; i < found.size(); i++) {
      if (!same(wanted.get(i), found.get(i), '?')) {
        return "value "
            + (i + 1)
            + ", sorted: expected "
            + wanted.get(i)
            + ", found "
            + found.get(i);
      }
    }
    return null;
  }

  private static List<List<String>> cut(List<String> values, int columns) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < values.size(); i += columns) {
      rows.add(values.subList(i, i + columns));
    }
    return rows;
  }

  /** The values of a line: by tabs, else by spaces, else the line alone. */
  private static List<String> split(String line, int columns) {
    String[] byTab = line.split("\t", -1);
    if (byTab.length == columns) {
      return List.of(byTab);
    }
    String[] bySpace = line.strip().split("\\s+");
    return bySpace.length == columns ? List.of(bySpace) : List.of(line);
  }

  private static List<List<String>> sorted(List<List<String>> rows) {
    List<List<String>> sorted = new ArrayList<>(rows);
    sorted.sort((a, b) -> {
      for (int c = 0; c < Math.min(a.size(), b.size()); c++) {
        int order = a.get(c).compareTo(b.get(c));
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(a.size(), b.size());
    });
    return sorted;
  }

  private static boolean sameRow(List<String> expected, List<String> actual, String types) {
    List<String> found = shown(actual);
    if (expected.size() != found.size()) {
      // Text with blanks in a line whose values blanks separate.
      return expected.size() == 1
          && expected
              .getFirst()
              .strip()
              .replaceAll("\\s+", " ")
              .equals(String.join(" ", found).replaceAll("\\s+", " "));
    }
    for (int c = 0; c < found.size(); c++) {
      if (!same(expected.get(c), found.get(c), types.charAt(c))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(String expected, String actual, char type) {
    if (expected.equals(actual)) {
      return true;
    }
    if (truth(actual) != null && truth(actual).equals(truth(expected))) {
      return true;
    }
    return type != 'T' && sameNumber(expected, actual);
  }

  private static Boolean truth(String text) {
    return switch (text) {
      case "true", "t", "1" -> true;
      case "false", "f", "0" -> false;
      default -> null;
    };
  }

  private static boolean sameNumber(String expected, String actual) {
    try {
      var wanted = new BigDecimal(expected.strip());
      var found = new BigDecimal(actual);
      BigDecimal off = wanted.subtract(found).abs();
      BigDecimal tolerance = wanted.abs().multiply(RELATIVE);
      if (wanted.scale() >= ROUNDED_DIGITS) {
        tolerance =
            tolerance.max(
                BigDecimal.valueOf(5, wanted.scale() + 1).multiply(new BigDecimal("1.001")));
      }
      return off.compareTo(tolerance) <= 0;
    } catch (NumberFormatException e) {
      return expected.equalsIgnoreCase(actual);
    }
  }

  private static List<List<String>> shownRows(List<List<String>> rows) {
    return rows.stream().map(Cells::shown).toList();
  }

  private static List<String> shown(List<String> row) {
    List<String> shown = new ArrayList<>();
    for (int c = 0; c < row.size(); c++) {
      String value = row.get(c);
      shown.add(value == null ? "NULL" : value.isEmpty() ? "(empty)" : value.replace("\n", "\\n"));
    }
    return shown;
  }

  /** As sqllogictest itself hashes: every value with a line feed, R with three digits. */
  static String hashed(List<List<String>> rows, String types, SortMode sort) {
    List<List<String>> classic = new ArrayList<>();
    for (List<String> row : rows) {
      List<String> values = new ArrayList<>();
      for (int c = 0; c < row.size(); c++) {
        values.add(classic(row.get(c), types.charAt(c)));
      }
      classic.add(values);
    }
    List<String> values = new ArrayList<>();
    (sort == SortMode.ROWSORT ? sorted(classic) : classic).forEach(values::addAll);
    if (sort == SortMode.VALUESORT) {
      Collections.sort(values);
    }
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      for (String value : values) {
        md5.update((value + "\n").getBytes(StandardCharsets.UTF_8));
      }
      return values.size() + " values hashing to " + HexFormat.of().formatHex(md5.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String classic(String value, char type) {
    if (value == null) {
      return "NULL";
    }
    try {
      return switch (type) {
        case 'I' ->
            truth(value) != null && !Character.isDigit(value.charAt(0))
                ? truth(value) ? "1" : "0"
                : new BigDecimal(value).toBigInteger().toString();
        case 'R' -> String.format(Locale.ROOT, "%.3f", Double.parseDouble(value));
        default -> value.isEmpty() ? "(empty)" : value.replaceAll("[^\\x20-\\x7e]", "@");
      };
    } catch (NumberFormatException e) {
      return value;
    }
  }

  /** The lines that a result is written as: a row on each, values separated by tabs. */
  static List<String> written(
      List<List<String>> rows, String types, SortMode sort, int hashThreshold) {
    if (hashThreshold > 0 && rows.size() * types.length() > hashThreshold) {
      return List.of(hashed(rows, types, sort));
    }
    List<List<String>> neat = new ArrayList<>();
    for (List<String> row : shownRows(rows)) {
      List<String> values = new ArrayList<>();
      for (int c = 0; c < row.size(); c++) {
        values.add(types.charAt(c) == 'R' ? rounded(row.get(c)) : row.get(c));
      }
      neat.add(values);
    }
    if (sort == SortMode.VALUESORT) {
      List<String> values = new ArrayList<>();
      neat.forEach(values::addAll);
      Collections.sort(values);
      return values;
    }
    return (sort == SortMode.ROWSORT ? sorted(neat) : neat)
        .stream().map(r -> String.join("\t", r)).toList();
  }

  /** Six digits after the point at most: as many as Sheaf's quotients have. */
  private static String rounded(String number) {
    try {
      var value = new BigDecimal(number);
      BigDecimal cut =
          value.scale() > WRITTEN_DIGITS
              ? value.setScale(WRITTEN_DIGITS, RoundingMode.HALF_UP)
              : value;
      return cut.signum() == 0 ? "0" : cut.stripTrailingZeros().toPlainString();
    } catch (NumberFormatException e) {
      return number;
    }
  }
}
