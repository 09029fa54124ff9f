package dev.sheaf.testkit.sim;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.WatchEvent;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The store behind coordination, alone and never lost, as etcd is for its clients; what fails is
 * the way to it. Each machine has a {@linkplain #client client}. Used from outside of a simulated
 * thread everything happens at once, which is how it passes the contract of all adapters.
 */
public final class SimulatedCoordination {
  private static final int MAX_VALUE_BYTES = 64 << 10;

  private record Stored(String value, long modRevision, @Nullable Long lease) {}

  /** A watch as the store knows it. */
  interface Watcher {
    String prefix();

    /** Events of one revision. */
    void offer(List<WatchEvent> events);
  }

  private final Simulation simulation;
  private final TreeMap<String, Stored> entries = new TreeMap<>();

  /** When each lease ends unless renewed, in true time. */
  private final Map<Long, Long> leases = new HashMap<>();

  private final List<Watcher> watchers = new ArrayList<>();
  private final Set<Machine> unreachable = new HashSet<>();
  private Faults faults;
  private long revision;
  private long lastLease;

  public SimulatedCoordination(Simulation simulation, Faults faults) {
    this.simulation = simulation;
    this.faults = faults;
  }

  public void setFaults(Faults next) {
    faults = next;
  }

  /** Whether a machine's calls get here. */
  public void setReachable(Machine machine, boolean reachable) {
    if (reachable) {
      unreachable.remove(machine);
    } else {
      unreachable.add(machine);
    }
  }

  /** The store as a machine sees it, in its present life. */
  public Coordination client(Machine machine) {
    return new CoordinationClient(this, simulation, machine);
  }

  Faults faults() {
    return faults;
  }

  boolean isReachable(Machine machine) {
    return !unreachable.contains(machine);
  }

  // ---- the store itself, without delay

  synchronized Optional<Entry> get(String key) {
    Stored stored = entries.get(key);
    return stored == null
        ? Optional.empty()
        : Optional.of(new Entry(key, stored.value, stored.modRevision));
  }

  synchronized List<Entry> list(String prefix) {
    var found = new ArrayList<Entry>();
    entries
        .tailMap(prefix)
        .forEach((key, stored) -> {
          if (key.startsWith(prefix)) {
            found.add(new Entry(key, stored.value, stored.modRevision));
          }
        });
    return found;
  }

  synchronized boolean commit(List<Condition> conditions, List<Change> changes) {
    checkKeepable(changes);
    for (Change change : changes) {
      if (change.lease() != null && !leases.containsKey(change.lease().id())) {
        throw new SheafException(
            ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the lease of " + change.key() + " is over");
      }
    }
    for (Condition condition : conditions) {
      if (get(condition.key()).map(Entry::modRevision).orElse(0L) != condition.modRevision()) {
        return false;
      }
    }
    if (changes.isEmpty()) {
      return true;
    }
    revision++;
    var events = new ArrayList<WatchEvent>();
    for (Change change : changes) {
      apply(change, events);
    }
    publish(events);
    return true;
  }

  private static void checkKeepable(List<Change> changes) {
    var keys = new HashSet<String>();
    for (Change change : changes) {
      if (!keys.add(change.key())) {
        throw new SheafException(
            ErrorCode.INVALID_PARAMETER_VALUE, "a commit changes " + change.key() + " twice");
      }
      String value = change.value();
      if (value != null && value.getBytes(UTF_8).length > MAX_VALUE_BYTES) {
        throw new SheafException(
            ErrorCode.PROGRAM_LIMIT_EXCEEDED, "the value of " + change.key() + " is too large");
      }
    }
  }

  private void apply(Change change, List<WatchEvent> events) {
    String value = change.value();
    if (value == null) {
      if (entries.remove(change.key()) != null) {
        events.add(new WatchEvent.Delete(change.key()));
      }
      return;
    }
    Long lease = change.lease() == null ? null : change.lease().id();
    entries.put(change.key(), new Stored(value, revision, lease));
    events.add(new WatchEvent.Put(new Entry(change.key(), value, revision)));
  }

  private void publish(List<WatchEvent> events) {
    for (Watcher watcher : List.copyOf(watchers)) {
      List<WatchEvent> seen =
          events.stream().filter(event -> keyOf(event).startsWith(watcher.prefix())).toList();
      if (!seen.isEmpty()) {
        watcher.offer(seen);
      }
    }
  }

  private static String keyOf(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Snapshot snapshot -> "";
      case WatchEvent.Put put -> put.entry().key();
      case WatchEvent.Delete delete -> delete.key();
    };
  }

  synchronized long grant(long ttlMillis) {
    long id = ++lastLease;
    leases.put(id, 0L);
    boolean _ = renew(id, ttlMillis);
    return id;
  }

  /** False if the lease is over. */
  synchronized boolean renew(long id, long ttlMillis) {
    if (!leases.containsKey(id)) {
      return false;
    }
    long until = simulation.nanos() + ttlMillis * 1_000_000;
    leases.put(id, until);
    simulation.after(ttlMillis * 1_000_000, "lease " + id + " may end", () -> expire(id));
    return true;
  }

  private synchronized void expire(long id) {
    Long until = leases.get(id);
    if (until != null && until <= simulation.nanos()) {
      revoke(id);
    }
  }

  synchronized void revoke(long id) {
    if (leases.remove(id) == null) {
      return;
    }
    var gone = new ArrayList<WatchEvent>();
    entries
        .entrySet()
        .removeIf(entry -> {
          boolean leased = Long.valueOf(id).equals(entry.getValue().lease);
          if (leased) {
            gone.add(new WatchEvent.Delete(entry.getKey()));
          }
          return leased;
        });
    if (!gone.isEmpty()) {
      revision++;
      publish(gone);
    }
  }

  synchronized void watch(Watcher watcher) {
    watcher.offer(List.of(new WatchEvent.Snapshot(list(watcher.prefix()))));
    watchers.add(watcher);
  }

  synchronized void unwatch(Watcher watcher) {
    watchers.remove(watcher);
  }
}
