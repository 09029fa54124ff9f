package dev.sheaf.system.sim;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.pageserver.branch.BranchReferences.Branch;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which databases there are and what they branch off, in coordination, by the control plane's
 * protocol: a branch is registered before anything is stored for it, and its parent's record is
 * written anew with it, so that of a branch and the parent's deletion only one succeeds.
 *
 * <pre>
 * databases/&lt;database&gt; = &lt;state&gt; &lt;parent or -&gt; &lt;timestamp of the branch point&gt;
 * </pre>
 */
final class Registry {
  private static final String PREFIX = "databases/";
  private final Coordination coordination;

  enum State {
    BRANCHING,
    READY,
    DELETING
  }

  record Known(
      ShardId shard, State state, Optional<ShardId> parent, Timestamp at, long modRevision) {
    Condition unchanged() {
      return new Condition(key(shard), modRevision);
    }

    private String value(State next) {
      return next
          + " "
          + parent.map(each -> each.database().value()).orElse("-")
          + " "
          + at.value();
    }
  }

  /** As a machine sees it. */
  Registry(Coordination coordination) {
    this.coordination = coordination;
  }

  private static String key(ShardId shard) {
    return PREFIX + shard.database();
  }

  private static ShardId shard(String database) {
    return ShardId.root(new DatabaseId(database));
  }

  private static Known known(Coordination.Entry entry) {
    String[] parts = entry.value().split(" ");
    return new Known(
        shard(entry.key().substring(PREFIX.length())),
        State.valueOf(parts[0]),
        parts[1].equals("-") ? Optional.empty() : Optional.of(shard(parts[1])),
        new Timestamp(Long.parseLong(parts[2])),
        entry.modRevision());
  }

  Optional<Known> find(ShardId shard) {
    return coordination.get(key(shard)).map(Registry::known);
  }

  /** 3D000 unless it may be served. */
  Known require(ShardId shard) {
    return find(shard)
        .filter(known -> known.state() == State.READY)
        .orElseThrow(() ->
            new SheafException(ErrorCode.INVALID_CATALOG_NAME, "there is no " + shard + " now"));
  }

  List<Known> list() {
    return coordination.list(PREFIX).stream().map(Registry::known).toList();
  }

  /** The branches of a shard, and of those. */
  List<Branch> branches(ShardId shard) {
    List<Known> all = list();
    var found = new ArrayList<Branch>();
    var open = new ArrayList<>(List.of(shard));
    while (!open.isEmpty()) {
      Optional<ShardId> parent = Optional.of(open.removeLast());
      for (Known each : all) {
        if (each.parent().equals(parent)) {
          found.add(new Branch(each.shard(), each.state() != State.BRANCHING));
          open.add(each.shard());
        }
      }
    }
    return found;
  }

  /** Before anybody else is there. */
  void addFirst(ShardId shard) {
    var first = new Known(shard, State.READY, Optional.empty(), Timestamp.ZERO, 0);
    boolean _ =
        coordination.commit(
            List.of(first.unchanged()), List.of(Change.put(key(shard), first.value(State.READY))));
  }

  /**
   * Registers a branch; done again after an unknown outcome it is the same.
   *
   * @return false if the parent is being deleted
   */
  boolean branch(ShardId child, ShardId parent, Timestamp at) {
    while (find(child).isEmpty()) {
      Optional<Known> from = find(parent).filter(known -> known.state() == State.READY);
      if (from.isEmpty()) {
        return false;
      }
      var next = new Known(child, State.BRANCHING, Optional.of(parent), at, 0);
      boolean _ =
          coordination.commit(
              List.of(next.unchanged(), from.get().unchanged()),
              List.of(
                  Change.put(key(child), next.value(State.BRANCHING)),
                  Change.put(key(parent), from.get().value(State.READY))));
    }
    return true;
  }

  /**
   * @return false if it has branches and may not be deleted
   */
  boolean advance(ShardId shard, State state) {
    while (true) {
      Known present = find(shard).orElseThrow();
      if (present.state() == state) {
        return true;
      }
      if (state == State.DELETING && !branches(shard).isEmpty()) {
        return false;
      }
      boolean _ =
          coordination.commit(
              List.of(present.unchanged()), List.of(Change.put(key(shard), present.value(state))));
    }
  }

  void remove(ShardId shard) {
    boolean _ = coordination.commit(List.of(), List.of(Change.delete(key(shard))));
  }
}
