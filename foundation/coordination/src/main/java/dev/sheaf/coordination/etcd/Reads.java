package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.options.GetOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Linearizable reads, tried again until the operation timeout is over (58030). Lists come in pages
 * of one revision. Thread-safe.
 */
final class Reads {
  /** 128 values of 64 KiB fit into one answer. */
  private static final int PAGE_ENTRIES = 128;

  private final Connection connection;
  private final Keys keys;

  Reads(Connection connection) {
    this.connection = connection;
    this.keys = connection.keys();
  }

  Optional<Entry> get(String key) {
    GetResponse found = read("read " + key, c -> c.getKVClient().get(keys.fact(key)));
    return found.getKvs().stream().findFirst().map(keys::entry);
  }

  /**
   * @param revision of the store at which these were all entries with the prefix
   */
  record Listing(List<Entry> entries, long revision) {}

  Listing list(String prefix) {
    String doing = "list " + prefix;
    Patience patience = connection.patience();
    while (true) {
      try {
        return pages(doing, prefix, patience);
      } catch (EtcdFailure e) {
        if (e.kind() != EtcdFailure.Kind.COMPACTED || patience.isOver()) {
          throw e.toException(doing);
        }
        // The revision of the first page is gone: begin with a newer one.
      }
    }
  }

  private Listing pages(String doing, String prefix, Patience patience) throws EtcdFailure {
    ByteSequence end = keys.endOfFacts(prefix);
    var entries = new ArrayList<Entry>();
    ByteSequence from = keys.fact(prefix);
    long revision = 0;
    while (true) {
      ByteSequence start = from;
      GetOption option =
          GetOption.builder().withRange(end).withLimit(PAGE_ENTRIES).withRevision(revision).build();
      GetResponse page = read(patience, c -> c.getKVClient().get(start, option));
      page.getKvs().forEach(found -> entries.add(keys.entry(found)));
      if (revision == 0) {
        revision = page.getHeader().getRevision();
      }
      if (!page.isMore()) {
        return new Listing(entries, revision);
      }
      from = Keys.after(page.getKvs().getLast().getKey());
    }
  }

  /** Whether all conditions hold at one moment during the call. */
  boolean hold(List<Condition> conditions) {
    return read(
            "compare",
            c -> c.getKVClient().txn().If(comparisons(conditions).toArray(Cmp[]::new)).commit())
        .isSucceeded();
  }

  List<Cmp> comparisons(List<Condition> conditions) {
    var comparisons = new ArrayList<Cmp>();
    for (Condition condition : conditions) {
      comparisons.add(unchanged(keys.fact(condition.key()), condition.modRevision()));
    }
    return comparisons;
  }

  /** The key was last written at this revision; 0 = is absent. */
  static Cmp unchanged(ByteSequence key, long modRevision) {
    return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(modRevision));
  }

  /**
   * Any call that may be repeated.
   *
   * @param doing for the message, as in "cannot ..."
   */
  <T> T read(String doing, Function<Client, CompletableFuture<T>> call) {
    try {
      return read(connection.patience(), call);
    } catch (EtcdFailure e) {
      throw e.toException(doing);
    }
  }

  private <T> T read(Patience patience, Function<Client, CompletableFuture<T>> call)
      throws EtcdFailure {
    while (true) {
      try {
        return connection.call(call, patience.nextTryNanos());
      } catch (EtcdFailure e) {
        boolean again =
            switch (e.kind()) {
              case NOT_RUN, UNKNOWN -> !patience.isOver();
              case LEASE_NOT_FOUND, COMPACTED, REFUSED, INTERRUPTED -> false;
            };
        if (!again) {
          throw e;
        }
        patience.pause();
      }
    }
  }
}
