package dev.sheaf.systemtests.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.compact.CompactionSettings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes of a database and of branches of branches, with flushes, compactions, bulk loads
 * and changes of the schema in between: SHOW DIFF of any two of them, at any two moments, is the
 * difference of two full scans.
 */
final class DiffModelTest {
  private static final int STEPS = 120;
  private static final int KEYS = 60;
  private static final int MAX_BRANCHES = 5;
  private static final PageServerConfig EAGER =
      new PageServerConfig(
          2500,
          1 << 20,
          600,
          2,
          1 << 20,
          10_000,
          300_000,
          900_000,
          new CompactionSettings(2, 6, 20_000, 3000, 2000, 1, 0.3, 0.3, 2, 1));

  @TempDir Path scratch;

  private final List<String> databases = new ArrayList<>(List.of("db0"));
  private final List<Moment> moments = new ArrayList<>();
  private Random random;
  private Family family;
  private int columns;

  /**
   * @param at null = now
   */
  private record Moment(String database, @Nullable Instant at) {
    String side(String word) {
      return " %s '%s'".formatted(word, database) + (at == null ? "" : " AT '" + at + "'");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void theDifferenceIsThatOfTwoScans(long seed) throws InterruptedException {
    random = new Random(seed);
    try (Family opened = new Family(scratch, random, EAGER)) {
      family = opened;
      opened.run("db0", "CREATE TABLE k (id BIGINT PRIMARY KEY, v BIGINT, s VARCHAR)");
      opened.run("db0", "CREATE TABLE n (v INT, s VARCHAR)");
      for (int step = 0; step < STEPS; step++) {
        try {
          step();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("seed " + seed + ", step " + step, e);
        }
      }
    }
  }

  private String any() {
    return databases.get(random.nextInt(databases.size()));
  }

  private void step() throws InterruptedException {
    String database = any();
    int dice = random.nextInt(100);
    if (dice < 55) {
      change(database);
    } else if (dice < 70) {
      family.flush(database);
    } else if (dice < 78) {
      family.compact(database);
    } else if (dice < 83) {
      alter(database);
    } else if (dice < 88) {
      moments.add(moment(database));
    } else if (databases.size() < MAX_BRANCHES) {
      String child = "db" + databases.size();
      family.branch(database, child);
      databases.add(child);
    }
    compare();
  }

  /** It is over when this returns: nothing is written at it any more. */
  private static Moment moment(String database) throws InterruptedException {
    var moment = new Moment(database, Instant.now());
    Thread.sleep(3);
    return moment;
  }

  private void change(String database) {
    int key = random.nextInt(KEYS);
    int value = random.nextInt(5);
    switch (random.nextInt(8)) {
      case 0, 1 ->
          family.run(
              database,
              "INSERT INTO k (id, v, s) VALUES (%d, %d, 's%d') ON CONFLICT (id) DO UPDATE SET v = %d"
                  .formatted(key, value, value, value));
      case 2 -> family.run(database, "UPDATE k SET v = %d WHERE id = %d".formatted(value, key));
      case 3 -> family.run(database, "UPDATE k SET v = v WHERE id = " + key);
      case 4 ->
          family.run(database, "DELETE FROM k WHERE id BETWEEN %d AND %d".formatted(key, key + 2));
      case 5 -> bulk(database, key);
      case 6 ->
          family.run(
              database,
              "INSERT INTO n (v, s) VALUES (%d, NULL), (%d, 'x')".formatted(value, key % 3));
      default -> family.run(database, "DELETE FROM n WHERE v = " + value);
    }
  }

  private void bulk(String database, int key) {
    family.run(database, "DELETE FROM k WHERE id >= " + key);
    var rows = new ArrayList<String>();
    for (int id = key; id < KEYS + 10; id++) {
      rows.add("(%d, %s, 'b%d')".formatted(id, random.nextBoolean() ? "NULL" : "7", id % 4));
    }
    family.run(database, "INSERT INTO k (id, v, s) VALUES " + String.join(", ", rows));
  }

  private void alter(String database) {
    switch (random.nextInt(5)) {
      case 0 ->
          family.run(
              database,
              "ALTER TABLE k ADD COLUMN c%d INT DEFAULT %d"
                  .formatted(columns++, random.nextInt(3)));
      case 1 -> {
        // Another column of the same name, and so with other values of the old rows.
        family.run(database, "ALTER TABLE k DROP COLUMN s");
        String value = random.nextBoolean() ? " DEFAULT 's1'" : "";
        family.run(database, "ALTER TABLE k ADD COLUMN s VARCHAR" + value);
      }
      case 2 -> family.run(database, "TRUNCATE TABLE k");
      case 3 -> family.run(database, "TRUNCATE TABLE n");
      default -> family.run(database, "CREATE TABLE IF NOT EXISTS m (id INT PRIMARY KEY)");
    }
  }

  private void compare() {
    compare(new Moment(any(), null), new Moment(any(), null));
    if (!moments.isEmpty()) {
      compare(past(), new Moment(any(), null));
      compare(past(), past());
    }
  }

  private Moment past() {
    return moments.get(random.nextInt(moments.size()));
  }

  private void compare(Moment from, Moment to) {
    String sides = from.side("FROM") + to.side("TO");
    var before = new TreeMap<String, List<String>>();
    scan(from, "k", "id, v, s").forEach(row -> before.put(row.getFirst(), row));
    var after = new TreeMap<String, List<String>>();
    scan(to, "k", "id, v, s").forEach(row -> after.put(row.getFirst(), row));
    List<List<String>> differences = family.run("db0", "SHOW DIFF TABLE k" + sides);
    List<List<String>> rows = known(differences, sides);
    assertThat(rows).as(sides).containsExactlyInAnyOrderElementsOf(expected(before, after));
    assertThat(rows.stream().map(row -> id(row)).toList()).as("order of" + sides).isSorted();
    assertThat(keyless(family.run("db0", "SHOW DIFF TABLE n" + sides)))
        .as(sides)
        .isEqualTo(multisets(scan(from, "n", "v, s"), scan(to, "n", "v, s")));
    for (List<String> table : family.run("db0", "SHOW DIFF" + sides)) {
      if (table.get(1).equals("k")) {
        long all = table.subList(3, 6).stream().mapToLong(Long::parseLong).sum();
        assertThat(all).as("summary of" + sides).isEqualTo(rows.size());
      }
    }
  }

  private static Long id(List<String> row) {
    return Long.valueOf(row.get(1).equals("null") ? row.get(2) : row.get(1));
  }

  private List<List<String>> scan(Moment moment, String table, String columns) {
    return family.run(
        moment.database(),
        "SELECT %s FROM %s".formatted(columns, table)
            + (moment.at() == null ? "" : " FOR SYSTEM_TIME AS OF '%s'".formatted(moment.at())));
  }

  /** Without the columns that were added later: change, from_id, to_id, from_v, to_v, ... */
  /** Without the columns that were added later: change, from_id, to_id, from_v, to_v, ... */
  private List<List<String>> known(List<List<String>> differences, String sides) {
    List<String> names = family.names("db0", "SHOW DIFF TABLE k" + sides);
    List<Integer> positions = new ArrayList<>(List.of(0));
    for (String name : List.of("id", "v", "s")) {
      positions.add(names.indexOf("from_" + name));
      positions.add(names.indexOf("to_" + name));
    }
    return differences.stream().map(row -> positions.stream().map(row::get).toList()).toList();
  }

  private static List<List<String>> expected(
      TreeMap<String, List<String>> before, TreeMap<String, List<String>> after) {
    var expected = new ArrayList<List<String>>();
    var all = new TreeMap<String, List<String>>(before);
    all.putAll(after);
    for (String key : all.keySet()) {
      List<String> a = before.getOrDefault(key, Collections.nCopies(3, "null"));
      List<String> b = after.getOrDefault(key, Collections.nCopies(3, "null"));
      if (!a.equals(b)) {
        String change =
            !before.containsKey(key) ? "added" : !after.containsKey(key) ? "removed" : "changed";
        expected.add(List.of(change, a.get(0), b.get(0), a.get(1), b.get(1), a.get(2), b.get(2)));
      }
    }
    return expected;
  }

  /** Net number of each row: change, from_v, to_v, from_s, to_s. */
  private static TreeMap<String, Integer> keyless(List<List<String>> differences) {
    var net = new TreeMap<String, Integer>();
    for (List<String> row : differences) {
      boolean added = row.get(0).equals("added");
      List<String> values =
          added ? List.of(row.get(2), row.get(4)) : List.of(row.get(1), row.get(3));
      net.merge(values.toString(), added ? 1 : -1, Integer::sum);
    }
    return net;
  }

  private static TreeMap<String, Integer> multisets(
      List<List<String>> before, List<List<String>> after) {
    var net = new TreeMap<String, Integer>();
    after.forEach(row -> net.merge(row.toString(), 1, Integer::sum));
    before.forEach(row -> net.merge(row.toString(), -1, Integer::sum));
    net.values().removeIf(count -> count == 0);
    return net;
  }
}
