package dev.sheaf.systemtests.slt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Puts what came into a file, in the place of what was expected. */
final class SltWriter {
  private SltWriter() {}

  /**
   * The file's lines with the results of its queries. Loops stay as they are.
   *
   * @param records of the file
   */
  static List<String> rewritten(
      List<String> lines, List<SltRecord> records, Map<SltRecord.Query, List<String>> results) {
    List<String> out = new ArrayList<>();
    int at = 0;
    for (SltRecord record : records) {
      if (!(record instanceof SltRecord.Query query) || !results.containsKey(query)) {
        continue;
      }
      boolean hadResult = query.expected() != null;
      int begin = hadResult ? query.resultLine() - 1 : endOf(lines, query.line());
      if (begin < at) {
        continue;
      }
      out.addAll(lines.subList(at, begin));
      if (!hadResult) {
        out.add("----");
      }
      out.addAll(results.get(query));
      at = begin + (hadResult ? query.expected().size() : 0);
    }
    out.addAll(lines.subList(at, lines.size()));
    return out;
  }

  /** Index of the first blank line after a line number. */
  private static int endOf(List<String> lines, int number) {
    int at = number;
    while (at < lines.size() && !lines.get(at).isBlank()) {
      at++;
    }
    return at;
  }
}
