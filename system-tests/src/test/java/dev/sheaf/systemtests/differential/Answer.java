package dev.sheaf.systemtests.differential;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * What an engine answered: rows of null, Boolean, String, BigDecimal and Double, or an error.
 *
 * @param error null if there are rows
 * @param code of the error, as the engine names it
 */
record Answer(List<List<Object>> rows, String error, String code) {
  private static final double RELATIVE = 1e-9;

  /** Sheaf's exact averages have at least six digits after the point. */
  private static final double ABSOLUTE = 1.1e-6;

  static Answer of(List<List<Object>> rows) {
    return new Answer(rows, null, null);
  }

  static Answer failure(String code, String error) {
    return new Answer(List.of(), error, code);
  }

  boolean failed() {
    return error != null;
  }

  /** Whether both have the same rows, in the same order if that matters. */
  boolean matches(Answer other, boolean ordered) {
    if (rows.size() != other.rows.size()) {
      return false;
    }
    List<List<Object>> mine = ordered ? rows : sorted(rows);
    List<List<Object>> theirs = ordered ? other.rows : sorted(other.rows);
    for (int i = 0; i < mine.size(); i++) {
      if (!same(mine.get(i), theirs.get(i))) {
        return !ordered && matchesInAnyOrder(mine, theirs);
      }
    }
    return true;
  }

  /** Numbers that differ a little may sort apart. */
  private static boolean matchesInAnyOrder(List<List<Object>> mine, List<List<Object>> theirs) {
    List<List<Object>> left = new ArrayList<>(theirs);
    for (List<Object> row : mine) {
      int at = 0;
      while (at < left.size() && !same(row, left.get(at))) {
        at++;
      }
      if (at == left.size()) {
        return false;
      }
      left.remove(at);
    }
    return true;
  }

  private static List<List<Object>> sorted(List<List<Object>> rows) {
    List<List<Object>> sorted = new ArrayList<>(rows);
    Collections.sort(sorted, Comparator.comparing(Answer::sortKey));
    return sorted;
  }

  private static String sortKey(List<Object> row) {
    var key = new StringBuilder();
    for (Object value : row) {
      key.append(value instanceof Number n ? "%.3f".formatted(n.doubleValue()) : value).append('|');
    }
    return key.toString();
  }

  private static boolean same(List<Object> mine, List<Object> theirs) {
    for (int c = 0; c < mine.size(); c++) {
      if (!sameValue(mine.get(c), theirs.get(c))) {
        return false;
      }
    }
    return mine.size() == theirs.size();
  }

  private static boolean sameValue(Object a, Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return x.compareTo(y) == 0;
    }
    if (a instanceof Number x && b instanceof Number y) {
      double difference = Math.abs(x.doubleValue() - y.doubleValue());
      return difference <= Math.max(ABSOLUTE, RELATIVE * Math.abs(y.doubleValue()))
          || x.doubleValue() == y.doubleValue();
    }
    return a == null ? b == null : a.equals(b);
  }

  @Override
  public String toString() {
    return failed()
        ? code + " " + error
        : rows.size() + " rows " + rows.subList(0, Math.min(rows.size(), 30));
  }
}
