package dev.sheaf.system.sim;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.system.sim.Session.Outcome;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Transactions append unique elements to one or two lists. Each list has one order for ever: any
 * two states that somebody read are a prefix one of the other, the older snapshot's of the newer;
 * an acknowledged element is in all later reads, once, a refused one in none; elements appended to
 * two lists together are seen together.
 */
final class Lists implements Workload {
  private static final int TABLE = 1002;
  private static final int COUNT = 3;

  /** What was read, by snapshot; lists by their number. */
  private final List<TreeMap<Timestamp, List<String>>> read = new ArrayList<>();

  private final List<List<String>> acknowledged = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();

  /** Which element was appended to which lists. */
  private final Map<String, List<Integer>> pairs = new TreeMap<>();

  private int next;

  Lists() {
    for (int i = 0; i < COUNT; i++) {
      read.add(new TreeMap<>());
      acknowledged.add(new ArrayList<>());
    }
  }

  @Override
  public List<Write> initial() {
    var writes = new ArrayList<Write>();
    for (int i = 0; i < COUNT; i++) {
      writes.add(Rows.put(TABLE, i, ""));
    }
    return writes;
  }

  @Override
  public void step(Session session, Random random) {
    if (random.nextInt(3) == 0) {
      readAll(session);
    } else {
      append(session, random);
    }
  }

  private void append(Session session, Random random) {
    int first = random.nextInt(COUNT);
    var chosen = new ArrayList<>(List.of(first));
    if (random.nextBoolean()) {
      chosen.add((first + 1) % COUNT);
    }
    String element = "e" + next++;
    pairs.put(element, chosen);
    Timestamp snapshot = session.snapshot();
    var writes = new ArrayList<Write>();
    for (int list : chosen) {
      List<String> now = read(session, snapshot, list);
      var longer = new ArrayList<>(now);
      longer.add(element);
      writes.add(Rows.put(TABLE, list, String.join(" ", longer)));
    }
    Outcome outcome = session.commit(snapshot, writes);
    switch (outcome) {
      case Outcome.Committed committed ->
          chosen.forEach(list -> acknowledged.get(list).add(element));
      case Outcome.Aborted aborted -> refused.add(element);
      case Outcome.Unknown unknown -> {}
    }
  }

  private List<String> read(Session session, Timestamp snapshot, int list) {
    byte[] row = session.get(snapshot, List.of(Rows.key(TABLE, list))).getFirst();
    String text = Rows.text(row);
    List<String> elements = text.isEmpty() ? List.of() : List.of(text.split(" "));
    remember(list, snapshot, elements);
    return elements;
  }

  private void readAll(Session session) {
    var expected = acknowledged.stream().map(List::copyOf).toList();
    Timestamp snapshot = session.snapshot();
    var keys = new ArrayList<byte[]>();
    for (int i = 0; i < COUNT; i++) {
      keys.add(Rows.key(TABLE, i));
    }
    List<byte[]> rows = session.get(snapshot, keys);
    var states = new ArrayList<List<String>>();
    for (int i = 0; i < COUNT; i++) {
      String text = Rows.text(rows.get(i));
      List<String> elements = text.isEmpty() ? List.of() : List.of(text.split(" "));
      states.add(elements);
      remember(i, snapshot, elements);
      var missing = new ArrayList<>(expected.get(i));
      missing.removeAll(elements);
      if (!missing.isEmpty()) {
        throw new SimulationFailure(
            "list %d lacks %s at %s, acknowledged before the read".formatted(i, missing, snapshot));
      }
    }
    pairs.forEach((element, lists) -> {
      long seen = lists.stream().filter(list -> states.get(list).contains(element)).count();
      if (seen != 0 && seen != lists.size()) {
        throw new SimulationFailure(
            "half of the transaction that appended %s is visible at %s"
                .formatted(element, snapshot));
      }
    });
  }

  private void remember(int list, Timestamp snapshot, List<String> elements) {
    if (elements.stream().distinct().count() != elements.size()) {
      throw new SimulationFailure("list " + list + " has an element twice: " + elements);
    }
    TreeMap<Timestamp, List<String>> states = read.get(list);
    states.put(snapshot, elements);
    checkPrefix(list, states.lowerEntry(snapshot), Map.entry(snapshot, elements));
    checkPrefix(list, Map.entry(snapshot, elements), states.higherEntry(snapshot));
  }

  private static void checkPrefix(
      int list,
      Map.Entry<Timestamp, List<String>> older,
      Map.Entry<Timestamp, List<String>> newer) {
    if (older == null || newer == null) {
      return;
    }
    int length = older.getValue().size();
    if (newer.getValue().size() < length
        || !newer.getValue().subList(0, length).equals(older.getValue())) {
      throw new SimulationFailure(
          "list %d was %s at %s and %s at %s"
              .formatted(list, older.getValue(), older.getKey(), newer.getValue(), newer.getKey()));
    }
  }

  @Override
  public void check(Session session) {
    readAll(session);
    for (int i = 0; i < COUNT; i++) {
      var wrong = new ArrayList<>(refused);
      wrong.retainAll(read.get(i).lastEntry().getValue());
      if (!wrong.isEmpty()) {
        throw new SimulationFailure("list " + i + " has refused elements: " + wrong);
      }
    }
  }
}
