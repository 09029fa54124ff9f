package dev.sheaf.pageserver.compact;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.pageserver.compact.CompactionJob.Reason;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Chooses what to compact: size-tiered, with an eye on superseded rows and on keys that many large
 * segments share. The same candidates give the same jobs, in whatever order they come. Every job
 * leaves fewer segments, or fewer superseded rows among live ones, or less overlap: doing jobs
 * until there are none comes to an end. Pure.
 *
 * <p>Live segments (with rows of the present) and history (of superseded rows only) are never
 * merged with one another. Within a table, a set of columns and one of these two:
 *
 * <ul>
 *   <li>segments fall into tiers by size, each {@code fanIn} times the one below; {@code fanIn} of
 *       a tier are merged, with all smaller ones, neighbours by key first; so each row is written
 *       once per tier;
 *   <li>large ones whose keys lie apart from all other large ones are left alone: a sorted load is
 *       not written again for nothing;
 *   <li>where there are too many superseded rows beside the live ones, the segments with most of
 *       them are split into live rows and history; of a shard at rest, all that scans feel;
 *   <li>large history is not merged: scans of the present do not see it, and in the end it is
 *       deleted unread.
 * </ul>
 */
public final class CompactionPlanner {
  private static final Comparator<Candidate> BY_KEY =
      Comparator.comparing((Candidate c) -> c.meta().minKey(), Arrays::compareUnsigned)
          .thenComparing(c -> c.meta().objectKey());

  /** Superseded share of a segment that is rewritten whatever the others are like. */
  private static final double WORN_OUT = 0.75;

  /**
   * The same of a shard at rest: what is written then is ten times what it makes room for, at most,
   * and once for each rest.
   */
  private static final double WORN_AT_REST = 0.09;

  /** Unreachable share of a history segment that is rewritten. */
  private static final double EXPIRED = 0.8;

  private final CompactionSettings settings;

  public CompactionPlanner(CompactionSettings settings) {
    this.settings = settings;
  }

  /**
   * Whether some of so many segments of a table may be merged. If not, their columns do not matter
   * to a plan.
   */
  public boolean mayMerge(int segments) {
    return segments >= Math.min(settings.fanIn(), settings.depth() + 1);
  }

  private record Group(int tableId, List<SegmentColumn> columns, boolean history) {}

  /**
   * Jobs that share no input, those that pay most first.
   *
   * @param atRest whether nothing has been written for a while
   */
  public List<CompactionJob> plan(Collection<Candidate> candidates, boolean atRest) {
    var groups = new LinkedHashMap<Group, List<Candidate>>();
    var unreachable = new TreeMap<Integer, List<SegmentMeta>>();
    for (Candidate each : candidates.stream().sorted(BY_KEY).toList()) {
      int tableId = each.meta().tableId();
      if (each.isUnreachable()) {
        unreachable.computeIfAbsent(tableId, id -> new ArrayList<>()).add(each.meta());
      } else {
        groups
            .computeIfAbsent(
                new Group(tableId, each.columns(), each.isHistory()), g -> new ArrayList<>())
            .add(each);
      }
    }
    var jobs = new ArrayList<CompactionJob>();
    unreachable.values().forEach(inputs -> jobs.add(new CompactionJob(Reason.UNREACHABLE, inputs)));
    groups.forEach((group, members) -> jobs.addAll(plan(group, members, atRest)));
    jobs.sort(
        Comparator.comparing(CompactionJob::reason)
            .thenComparing(CompactionJob::bytes)
            .thenComparing(job -> job.inputs().getFirst().objectKey()));
    return jobs;
  }

  private List<CompactionJob> plan(Group group, List<Candidate> members, boolean atRest) {
    var jobs = new ArrayList<CompactionJob>();
    mergeTiers(members, jobs);
    var taken = new HashSet<SegmentMeta>();
    jobs.forEach(job -> taken.addAll(job.inputs()));
    List<Candidate> left = members.stream().filter(c -> !taken.contains(c.meta())).toList();
    for (Candidate each : group.history() ? expired(left) : worn(left, members, atRest)) {
      taken.add(each.meta());
      jobs.add(new CompactionJob(Reason.SUPERSEDED, List.of(each.meta())));
    }
    if (!group.history()) {
      separate(members, taken, jobs);
    }
    return jobs;
  }

  /**
   * History becomes unreachable nearly at once, as it was superseded: to write what is left of it
   * again pays only where something keeps a little of it for long.
   */
  private List<Candidate> expired(List<Candidate> left) {
    return left.stream()
        .filter(c -> c.meta().sizeBytes() >= settings.rewriteBytes())
        .filter(c -> c.share(c.unreachable()) >= EXPIRED)
        .toList();
  }

  /**
   * The most worn ones, until rows that nobody can read, and all superseded ones, are few enough
   * beside the live ones. What a segment's rewriting costs is its live rows, so the later the
   * better, and the most worn first; superseded rows that can still be read would be written too,
   * as history, and soon for nothing where the retention window is short.
   */
  private List<Candidate> worn(List<Candidate> left, List<Candidate> all, boolean atRest) {
    long live = all.stream().mapToLong(Candidate::liveBytes).sum();
    List<Candidate> large =
        left.stream()
            .filter(c -> c.meta().sizeBytes() >= settings.rewriteBytes() && c.superseded() > 0)
            .toList();
    var worn = new LinkedHashSet<Candidate>();
    mostFirst(large, Candidate::unreachable, settings.unreachable() * live, WORN_OUT, worn);
    mostFirst(
        large,
        Candidate::superseded,
        settings.superseded() * live,
        atRest ? WORN_AT_REST : 1,
        worn);
    return List.copyOf(worn);
  }

  /**
   * Adds those with most of such rows, until the others have no more than so many bytes of them.
   */
  private static void mostFirst(
      List<Candidate> from,
      ToLongFunction<Candidate> rows,
      double mostBytes,
      double worn,
      Set<Candidate> to) {
    ToDoubleFunction<Candidate> share = c -> c.share(rows.applyAsLong(c));
    double bytes = 0;
    for (Candidate each : from) {
      bytes += to.contains(each) ? 0 : each.meta().sizeBytes() * share.applyAsDouble(each);
    }
    List<Candidate> sorted =
        from.stream()
            .filter(c -> !to.contains(c))
            .sorted(Comparator.comparingDouble(share).reversed().thenComparing(BY_KEY))
            .toList();
    for (Candidate each : sorted) {
      if (bytes > mostBytes || share.applyAsDouble(each) >= worn) {
        to.add(each);
        bytes -= each.meta().sizeBytes() * share.applyAsDouble(each);
      }
    }
  }

  private void mergeTiers(List<Candidate> members, List<CompactionJob> jobs) {
    var tiers = new TreeMap<Integer, List<Candidate>>();
    for (Candidate each : members) {
      if (each.keptBytes() < settings.segmentBytes() / 2 && !standsAlone(each, members)) {
        tiers.computeIfAbsent(tier(each.keptBytes()), t -> new ArrayList<>()).add(each);
      }
    }
    var smaller = new ArrayList<Candidate>();
    for (Map.Entry<Integer, List<Candidate>> tier : tiers.entrySet()) {
      smaller.addAll(tier.getValue());
      if (tier.getValue().size() >= settings.fanIn()) {
        smaller.sort(BY_KEY);
        split(smaller, jobs);
        smaller.clear();
      }
    }
  }

  private int tier(long bytes) {
    int tier = 0;
    for (long left = Math.max(1, bytes); left >= settings.fanIn(); left /= settings.fanIn()) {
      tier++;
    }
    return tier;
  }

  private boolean standsAlone(Candidate each, List<Candidate> members) {
    if (each.isHistory()) {
      return each.meta().sizeBytes() >= settings.soloBytes();
    }
    return each.keptBytes() >= settings.soloBytes()
        && members.stream()
            .filter(other -> other != each && other.keptBytes() >= settings.soloBytes())
            .noneMatch(other -> other.overlaps(each));
  }

  /** Jobs within the bounds; what is left over is too little for one. */
  private void split(List<Candidate> sorted, List<CompactionJob> jobs) {
    var inputs = new ArrayList<SegmentMeta>();
    long bytes = 0;
    for (Candidate each : sorted) {
      long size = each.meta().sizeBytes();
      boolean full = inputs.size() == settings.maxInputs() || bytes + size > settings.jobBytes();
      if (full) {
        addMerge(inputs, 2, jobs);
        inputs.clear();
        bytes = 0;
      }
      inputs.add(each.meta());
      bytes += size;
    }
    addMerge(inputs, sorted.size() > inputs.size() ? settings.fanIn() : 2, jobs);
  }

  private static void addMerge(List<SegmentMeta> inputs, int least, List<CompactionJob> jobs) {
    if (inputs.size() >= least) {
      jobs.add(new CompactionJob(Reason.SMALL, List.copyOf(inputs)));
    }
  }

  /** Where too many segments of full size hold one key: merges those, as far as a job goes. */
  private void separate(List<Candidate> members, Set<SegmentMeta> taken, List<CompactionJob> jobs) {
    List<Candidate> large =
        members.stream()
            .filter(c -> c.keptBytes() >= settings.segmentBytes() / 2)
            .filter(c -> !taken.contains(c.meta()))
            .toList();
    for (Candidate at : large) {
      byte[] key = at.meta().minKey();
      List<Candidate> sharing =
          large.stream()
              .filter(c -> Arrays.compareUnsigned(c.meta().minKey(), key) <= 0)
              .filter(c -> Arrays.compareUnsigned(c.meta().maxKey(), key) >= 0)
              .sorted(Comparator.comparingLong(Candidate::keptBytes).thenComparing(BY_KEY))
              .toList();
      if (sharing.size() > settings.depth()) {
        var inputs = new ArrayList<SegmentMeta>();
        long bytes = 0;
        for (Candidate each : sharing) {
          bytes += each.meta().sizeBytes();
          if (inputs.size() < 2
              || (bytes <= settings.jobBytes() && inputs.size() < settings.maxInputs())) {
            inputs.add(each.meta());
          }
        }
        jobs.add(new CompactionJob(Reason.OVERLAPPING, List.copyOf(inputs)));
        return;
      }
    }
  }
}
