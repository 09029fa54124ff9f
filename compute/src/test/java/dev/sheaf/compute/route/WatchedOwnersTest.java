package dev.sheaf.compute.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.compute.route.ShardOwners.Presence;
import dev.sheaf.compute.route.ShardOwners.Target;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.cluster.NodeRegistry;
import dev.sheaf.rpc.cluster.ShardMap;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchedOwnersTest {
  private static final ShardId SHARD = ShardId.root(new DatabaseId("db"));
  private static final Target A = new Target("a", 7, "10.0.0.1:31400");
  private static final Target B = new Target("b", 8, "10.0.0.2:31400");

  private final EmbeddedCoordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, Thread::startVirtualThread);

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private void put(String key, String value) {
    coordination.commit(List.of(), List.of(Change.put(key, value)));
  }

  private void putNode(Target target) {
    put(
        "nodes/" + target.node(),
        "v=1 roles=pageserver incarnation=%d state=up load=0 grpc=%s"
            .formatted(target.incarnation(), target.address()));
  }

  @Test
  void theHolderComesBeforeTheAssignedAndOnlyNodesThatAreThere() {
    try (var shards = ShardMap.watch(coordination, System::nanoTime, soon());
        var nodes = NodeRegistry.watch(coordination, System::nanoTime, soon())) {
      var owners = new WatchedOwners(shards, nodes);
      assertThat(owners.candidates(SHARD)).isEmpty();
      putNode(A);
      putNode(B);
      put("nodes/silent", "v=1 roles=pageserver incarnation=9 state=up load=0");
      put("shards/db/0/assigned", "b");
      await(owners, List.of(B));
      put("shards/db/0/holder", "a 12 serving");
      await(owners, List.of(A, B));
      put("shards/db/0/assigned", "a");
      await(owners, List.of(A));
      assertThat(owners.presence(A)).isEqualTo(Presence.THERE);
      assertThat(owners.presence(new Target("a", 6, "10.0.0.1:31400"))).isEqualTo(Presence.GONE);
      coordination.commit(List.of(), List.of(Change.delete("nodes/a")));
      await(owners, List.of());
      assertThat(owners.presence(A)).isEqualTo(Presence.GONE);
      put("shards/db/0/assigned", "silent");
      putNode(A);
      await(owners, List.of(A));
    }
  }

  private static void await(WatchedOwners owners, List<Target> expected) {
    Deadline deadline = soon();
    while (!owners.candidates(SHARD).equals(expected)) {
      assertThat(deadline.isExpired(System.nanoTime()))
          .as("%s, not %s", owners.candidates(SHARD), expected)
          .isFalse();
      Thread.onSpinWait();
    }
  }
}
