package dev.sheaf.systemtests.slt;

import dev.sheaf.systemtests.slt.SltRecord.Conditions;
import dev.sheaf.systemtests.slt.SltRecord.Outcome;
import dev.sheaf.systemtests.slt.SltRecord.SortMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Reads files of sqllogictest, with what DuckDB and DataFusion have added: errors with a pattern,
 * counts, rows on one line, loops.
 */
final class SltParser {
  private final List<String> lines;
  private final List<Integer> numbers;
  private int at;
  private SortMode defaultSort = SortMode.NOSORT;

  private SltParser(List<String> lines, List<Integer> numbers) {
    this.lines = lines;
    this.numbers = numbers;
  }

  static List<SltRecord> parse(List<String> lines) {
    List<Integer> numbers = IntStream.rangeClosed(1, lines.size()).boxed().toList();
    return new SltParser(lines, numbers).records();
  }

  private List<SltRecord> records() {
    List<SltRecord> records = new ArrayList<>();
    List<String> only = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    while (at < lines.size()) {
      String line = lines.get(at).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        at++;
        continue;
      }
      String[] words = line.split("\\s+");
      switch (words[0]) {
        case "onlyif" -> only.add(word(words, 1));
        case "skipif" -> skipped.add(word(words, 1));
        default -> {
          var conditions = new Conditions(List.copyOf(only), List.copyOf(skipped));
          only.clear();
          skipped.clear();
          record(line, words, conditions, records);
          continue;
        }
      }
      at++;
    }
    return records;
  }

  private static String word(String[] words, int index) {
    return index < words.length ? words[index] : "";
  }

  private void record(String line, String[] words, Conditions conditions, List<SltRecord> records) {
    int number = numbers.get(at);
    switch (words[0]) {
      case "statement" -> records.add(statement(line, words, number, conditions));
      case "query" -> records.add(query(line, words, number, conditions));
      case "halt" -> {
        at++;
        records.add(new SltRecord.Halt(number, conditions));
      }
      case "hash-threshold" -> {
        at++;
        records.add(
            new SltRecord.HashThreshold(Integer.parseInt(word(words, 1)), number, conditions));
      }
      case "loop", "foreach" -> records.addAll(loop(words, number));
      case "control" -> {
        at++;
        if (word(words, 1).equals("sortmode")) {
          defaultSort = sort(word(words, 2));
        }
      }
      // They say nothing about what has to come out.
      case "subtest" -> at++;
      default -> {
        at++;
        records.add(new SltRecord.Unknown(line, number, conditions));
      }
    }
  }

  private SltRecord statement(String line, String[] words, int number, Conditions conditions) {
    at++;
    String sql = untilBlank("----");
    String kind = word(words, 1).toLowerCase(Locale.ROOT);
    String rest = after(line, 2);
    if (at < lines.size() && lines.get(at).strip().equals("----")) {
      at++;
      String block = untilBlank(null);
      rest = rest.isEmpty() ? blockPattern(block) : rest;
    }
    return switch (kind) {
      case "ok" -> new SltRecord.Statement(sql, Outcome.OK, "", -1, number, conditions);
      case "count" ->
          new SltRecord.Statement(
              sql, Outcome.OK, "", Long.parseLong(word(words, 2)), number, conditions);
      case "maybe" -> new SltRecord.Statement(sql, Outcome.ANY, "", -1, number, conditions);
      case "error" -> new SltRecord.Statement(sql, Outcome.ERROR, rest, -1, number, conditions);
      default -> new SltRecord.Unknown(line, number, conditions);
    };
  }

  /** The text that an error has to contain, or after a word of DuckDB's its pattern. */
  private static String blockPattern(String block) {
    String text = block.strip();
    return text.startsWith("<REGEX>:")
        ? text.substring("<REGEX>:".length())
        : text.isEmpty() ? "" : java.util.regex.Pattern.quote(text);
  }

  /** The line without its first words. */
  private static String after(String line, int words) {
    String[] parts = line.split("\\s+", words + 1);
    return parts.length > words ? parts[words].strip() : "";
  }

  private SltRecord query(String line, String[] words, int number, Conditions conditions) {
    at++;
    if (word(words, 1).equals("error")) {
      String sql = untilBlank("----");
      return new SltRecord.Statement(sql, Outcome.ERROR, after(line, 2), -1, number, conditions);
    }
    boolean typed = words.length > 1;
    String types = typed ? words[1].toUpperCase(Locale.ROOT) : "";
    SortMode sort = defaultSort;
    String label = "";
    for (String word : Arrays.asList(words).subList(typed ? 2 : 1, words.length)) {
      switch (word) {
        case "nosort", "rowsort", "valuesort" -> sort = sort(word);
        default -> label = word;
      }
    }
    String sql = untilBlank("----");
    List<String> expected = null;
    int resultLine = 0;
    if (at < lines.size() && lines.get(at).strip().equals("----")) {
      at++;
      resultLine = at < lines.size() ? numbers.get(at) : numbers.getLast() + 1;
      expected = new ArrayList<>();
      while (at < lines.size() && !lines.get(at).isEmpty()) {
        expected.add(lines.get(at++));
      }
    }
    return new SltRecord.Query(sql, types, sort, label, expected, resultLine, number, conditions);
  }

  private static SortMode sort(String word) {
    return SortMode.valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** The lines up to a blank one, the end, or one that is the given text, which stays. */
  private String untilBlank(String end) {
    List<String> taken = new ArrayList<>();
    while (at < lines.size()
        && !lines.get(at).isBlank()
        && !(end != null && lines.get(at).strip().equals(end))) {
      taken.add(lines.get(at++));
    }
    return String.join("\n", taken);
  }

  /** The records inside, once for each value, with <code>${name}</code> replaced. */
  private List<SltRecord> loop(String[] words, int number) {
    int from = ++at;
    int depth = 1;
    while (at < lines.size() && depth > 0) {
      String first = lines.get(at++).strip().split("\\s+", 2)[0];
      depth += first.equals("loop") || first.equals("foreach") ? 1 : 0;
      depth -= first.equals("endloop") ? 1 : 0;
    }
    if (depth > 0 || words.length < 3) {
      return List.of(new SltRecord.Unknown(String.join(" ", words), number, Conditions.NONE));
    }
    List<String> inside = lines.subList(from, at - 1);
    List<Integer> insideNumbers = numbers.subList(from, at - 1);
    List<String> values = List.of(words).subList(2, words.length);
    if (words[0].equals("loop")) {
      values =
          IntStream.range(Integer.parseInt(words[2]), Integer.parseInt(words[3]))
              .mapToObj(String::valueOf)
              .toList();
    }
    List<SltRecord> records = new ArrayList<>();
    for (String value : values) {
      List<String> replaced =
          inside.stream().map(l -> l.replace("${" + words[1] + "}", value)).toList();
      var parser = new SltParser(replaced, insideNumbers);
      parser.defaultSort = defaultSort;
      records.addAll(parser.records());
    }
    return records;
  }
}
