package dev.sheaf.rpc.cluster;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.coordination.WatchedEntries;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who owns which shard: a watched copy of {@link ShardKeys}. Thread-safe; reading never waits
 * unless the method says so.
 */
public final class ShardMap implements AutoCloseable {
  private final WatchedEntries<Entry> entries;

  private ShardMap(WatchedEntries<Entry> entries) {
    this.entries = entries;
  }

  /** Begins to watch; returns when the copy is complete, 57P03 if it is not by the deadline. */
  public static ShardMap watch(
      Coordination coordination, LongSupplier nanoClock, Deadline deadline) {
    return new ShardMap(
        WatchedEntries.begin(
            coordination, ShardKeys.PREFIX, ShardMap::checked, nanoClock, deadline));
  }

  /** The shards as the coordination store has them now, sorted. */
  public static List<ShardFacts> read(Coordination coordination) {
    List<Entry> entries = coordination.list(ShardKeys.PREFIX);
    entries.forEach(ShardMap::checked);
    return grouped(entries);
  }

  /** The entry, if it can be understood. */
  private static Entry checked(Entry entry) {
    ShardId shard = ShardKeys.shardOf(entry.key()).orElseThrow(() -> damaged(entry, null));
    try {
      ShardFacts unused = facts(shard, List.of(entry));
      return entry;
    } catch (NumberFormatException e) {
      throw damaged(entry, e);
    }
  }

  private static SheafException damaged(Entry entry, @Nullable Throwable cause) {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED,
        "the entry " + entry.key() + " cannot be read: " + entry.value(),
        cause);
  }

  private static ShardFacts facts(ShardId shard, Collection<Entry> entries) {
    Optional<String> assigned = Optional.empty();
    long assignedRevision = 0;
    Optional<ShardFacts.Holder> holder = Optional.empty();
    Term term = Term.NONE;
    boolean doomed = false;
    for (Entry entry : entries) {
      String[] words = entry.value().split(" ", -1);
      switch (entry.key().substring(entry.key().lastIndexOf('/') + 1)) {
        case ShardKeys.ASSIGNED -> {
          assigned = Optional.of(entry.value());
          assignedRevision = entry.modRevision();
        }
        case ShardKeys.HOLDER -> {
          boolean serving = words.length > 2 && words[2].equals(ShardKeys.SERVING);
          holder = Optional.of(new ShardFacts.Holder(words[0], serving));
        }
        case ShardKeys.GRANT -> term = new Term(Long.parseLong(words[0]));
        case ShardKeys.DOOMED -> doomed = true;
        default -> {
          // Facts of others, as the log's membership.
        }
      }
    }
    return new ShardFacts(shard, assigned, assignedRevision, holder, term, doomed);
  }

  private static List<ShardFacts> grouped(Collection<Entry> entries) {
    var byShard = new LinkedHashMap<ShardId, List<Entry>>();
    for (Entry entry : entries) {
      ShardKeys.shardOf(entry.key())
          .ifPresent(shard -> byShard.computeIfAbsent(shard, key -> new ArrayList<>()).add(entry));
    }
    return byShard.entrySet().stream()
        .map(shard -> facts(shard.getKey(), shard.getValue()))
        .sorted(Comparator.comparing(ShardFacts::shard))
        .toList();
  }

  /** What is known of the shard, perhaps nothing. */
  public ShardFacts get(ShardId shard) {
    String prefix = ShardKeys.prefix(shard);
    // The character after '/' bounds the keys of the prefix.
    String end = prefix.substring(0, prefix.length() - 1) + (char) ('/' + 1);
    return facts(shard, entries.present().subMap(prefix, true, end, false).values());
  }

  /** Whether anything at all is known of the shard. */
  public boolean knows(ShardId shard) {
    String prefix = ShardKeys.prefix(shard);
    String first = entries.present().ceilingKey(prefix);
    return first != null && first.startsWith(prefix);
  }

  /** All shards of which something is known, sorted. */
  public List<ShardFacts> all() {
    return grouped(entries.present().values());
  }

  /** Calls back after each change; the listener must not block. */
  public void onChange(Runnable listener) {
    entries.onChange(listener);
  }

  /** Waits until the copy is so; 57P03 at the deadline. */
  public void await(Predicate<ShardMap> reached, Deadline deadline) {
    entries.await(() -> reached.test(this), deadline);
  }

  @Override
  public void close() {
    entries.close();
  }
}
