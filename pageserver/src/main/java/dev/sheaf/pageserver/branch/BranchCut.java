package dev.sheaf.pageserver.branch;

import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.Manifest.Ancestor;
import dev.sheaf.pageserver.manifest.Manifest.CatalogHistory;
import dev.sheaf.pageserver.manifest.Manifest.Outcome;
import dev.sheaf.pageserver.manifest.Manifest.Outcomes;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a parent's history at a timestamp: the manifest that the child begins with. Costs memory for
 * the list of segments, and no look into any of them. Pure.
 *
 * <pre>
 * parent's segment, timestamps:      |-----|        |---T---|        |-----|
 * in the child's manifest:           as it is       capped at T      absent
 * </pre>
 *
 * <p>Delete vector objects are taken over whole: the child passes over their entries of after T,
 * which it knows by the object's key and the manifest's ancestors. The child's log and terms begin
 * anew; its oracle begins above T, because T is the manifest's newest commit.
 */
public final class BranchCut {
  private BranchCut() {}

  /**
   * @param parent everything at or below {@code at} lies in its segments; can be read there
   * @param child has no manifest, and no term was granted for it
   */
  public static Manifest of(Manifest parent, ShardId child, Timestamp at) {
    List<SegmentMeta> segments =
        parent.segments().stream()
            .filter(segment -> !segment.minTimestamp().isAfter(at))
            .map(segment -> segment.upTo(at))
            .toList();
    return new Manifest(
        child,
        Term.NONE,
        0,
        Lsn.ZERO,
        at,
        segments,
        segments.isEmpty() ? List.of() : parent.deletes(),
        catalog(parent.catalog(), at),
        outcomes(parent.outcomes(), at),
        ancestors(parent, at),
        readable(parent.readable(), at));
  }

  /** The child's present is the parent's at the branch point. */
  private static ReadableTimes readable(ReadableTimes parent, Timestamp at) {
    return parent.from().isAfter(at)
        ? new ReadableTimes(
            at, parent.points().stream().filter(point -> at.isAfter(point)).toList())
        : parent;
  }

  /** After the branch point nothing is missing: the child will have seen it all. */
  private static CatalogHistory catalog(CatalogHistory parent, Timestamp at) {
    var after = new Timestamp(at.value() + 1);
    return new CatalogHistory(
        parent.completeFrom().isAfter(after) ? after : parent.completeFrom(),
        parent.commits().stream().filter(commit -> !commit.isAfter(at)).toList());
  }

  private static Outcomes outcomes(Outcomes parent, Timestamp at) {
    return new Outcomes(
        parent.completeFrom(),
        until(parent.commits(), at),
        parent.abortsCompleteFrom(),
        until(parent.aborts(), at));
  }

  private static List<Outcome> until(List<Outcome> outcomes, Timestamp at) {
    return outcomes.stream().filter(outcome -> !outcome.timestamp().isAfter(at)).toList();
  }

  private static List<Ancestor> ancestors(Manifest parent, Timestamp at) {
    var ancestors = new ArrayList<Ancestor>();
    for (Ancestor ancestor : parent.ancestors()) {
      boolean later = ancestor.upTo().isAfter(at);
      ancestors.add(new Ancestor(ancestor.shard(), later ? at : ancestor.upTo()));
    }
    ancestors.add(new Ancestor(parent.shard(), at));
    return ancestors;
  }
}
