package dev.sheaf.coordination.embedded;

import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.Coordination.WatchEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Keys, values and revisions, and which key hangs on which lease. Pure; not thread-safe. */
final class Facts {
  private final TreeMap<String, Entry> entries = new TreeMap<>();
  private final Map<String, Long> leaseOfKey = new HashMap<>();
  private long revision;

  long revision() {
    return revision;
  }

  Optional<Entry> get(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  List<Entry> list(String prefix) {
    var found = new ArrayList<Entry>();
    for (Entry entry : entries.tailMap(prefix, true).values()) {
      if (!entry.key().startsWith(prefix)) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  boolean hold(List<Condition> conditions) {
    for (Condition condition : conditions) {
      Entry entry = entries.get(condition.key());
      if ((entry == null ? 0 : entry.modRevision()) != condition.modRevision()) {
        return false;
      }
    }
    return true;
  }

  /** Keys that hang on the lease. */
  List<String> keysOf(long leaseId) {
    var keys = new ArrayList<String>();
    leaseOfKey.forEach((key, id) -> {
      if (id == leaseId) {
        keys.add(key);
      }
    });
    return keys;
  }

  /** Entries that outlive the process: those without a lease. */
  List<Entry> permanent() {
    return entries.values().stream().filter(e -> !leaseOfKey.containsKey(e.key())).toList();
  }

  void restore(Entry entry) {
    entries.put(entry.key(), entry);
  }

  void restoreRevision(long value) {
    revision = value;
  }

  /** Applies the changes as the next revision and tells what happened. */
  List<WatchEvent> apply(List<Change> changes) {
    revision++;
    var events = new ArrayList<WatchEvent>(changes.size());
    for (Change change : changes) {
      String key = change.key();
      leaseOfKey.remove(key);
      String value = change.value();
      if (value == null) {
        if (entries.remove(key) != null) {
          events.add(new WatchEvent.Delete(key));
        }
        continue;
      }
      var entry = new Entry(key, value, revision);
      entries.put(key, entry);
      Lease lease = change.lease();
      if (lease != null) {
        leaseOfKey.put(key, lease.id());
      }
      events.add(new WatchEvent.Put(entry));
    }
    return events;
  }
}
