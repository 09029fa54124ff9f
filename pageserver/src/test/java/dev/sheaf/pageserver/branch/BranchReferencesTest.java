package dev.sheaf.pageserver.branch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.pageserver.branch.BranchReferences.Branch;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.Manifest.CatalogHistory;
import dev.sheaf.pageserver.manifest.Manifest.Outcomes;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BranchReferencesTest {
  private static final ShardId PARENT = ShardId.root(new DatabaseId("parent"));
  private static final ShardId CHILD = ShardId.root(new DatabaseId("child"));
  private static final ShardId GRANDCHILD = ShardId.root(new DatabaseId("grandchild"));
  private static final Set<String> KEYS = Set.of("old", "present", "deletes", "other");

  private final MemoryObjectStore objects = new MemoryObjectStore();

  private void publish(ShardId shard, long sequence, String segment, String... deletes) {
    var meta =
        new SegmentMeta(
            segment,
            100,
            1,
            1000,
            new byte[] {1},
            new byte[] {1},
            new Timestamp(1),
            new Timestamp(1),
            true);
    new ManifestStore(objects, new ShardObjects(shard))
        .publish(
            new Manifest(
                shard,
                new Term(1),
                sequence,
                Lsn.ZERO,
                new Timestamp(1),
                List.of(meta),
                Arrays.asList(deletes),
                CatalogHistory.EMPTY,
                Outcomes.EMPTY,
                List.of(),
                ReadableTimes.EVERYTHING));
  }

  /** With what the registry says each time it is asked. */
  @SafeVarargs
  private Set<String> needed(List<Branch>... answers) {
    var left = new ArrayDeque<>(Arrays.asList(answers));
    Map<String, ShardId> needed =
        new BranchReferences(objects, shard -> left.size() > 1 ? left.remove() : left.peek())
            .needed(PARENT, KEYS);
    assertThat(left).hasSize(1);
    assertThat(needed).doesNotContainValue(PARENT);
    return needed.keySet();
  }

  @Test
  void whatAnyManifestOfABranchNamesIsNeeded() {
    publish(CHILD, 1, "old");
    publish(CHILD, 2, "present", "deletes");
    publish(PARENT, 1, "other");

    assertThat(needed(List.of())).isEmpty();
    assertThat(needed(List.of(new Branch(CHILD, true))))
        .containsExactlyInAnyOrder("old", "present", "deletes");
  }

  @Test
  void aBranchThatIsBeingMadeMayNeedAnything() {
    publish(CHILD, 1, "old");
    var child = new Branch(CHILD, true);

    assertThat(needed(List.of(child, new Branch(GRANDCHILD, false)))).isEqualTo(KEYS);
    assertThat(needed(List.of(child, new Branch(GRANDCHILD, true)))).isEqualTo(KEYS);
    // It appeared after the look at the registry, and may have begun with what the child named.
    assertThat(needed(List.of(child), List.of(child, new Branch(GRANDCHILD, false))))
        .isEqualTo(KEYS);
    // One that has gone meanwhile needs nothing more than it did.
    assertThat(needed(List.of(child), List.of())).containsExactly("old");
  }

  @Test
  void nothingIsSaidOfWhatCannotBeRead() {
    publish(CHILD, 1, "old");
    objects.put(new ShardObjects(CHILD).manifest(new Term(1), 1), new byte[30]);
    assertThatThrownBy(() -> needed(List.of(new Branch(CHILD, true))))
        .isInstanceOf(SheafException.class);
  }
}
