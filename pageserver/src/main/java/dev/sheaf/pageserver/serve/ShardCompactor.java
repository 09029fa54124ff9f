package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.pageserver.compact.Candidate;
import dev.sheaf.pageserver.compact.CarryOver;
import dev.sheaf.pageserver.compact.Compacted;
import dev.sheaf.pageserver.compact.CompactionJob;
import dev.sheaf.pageserver.compact.CompactionPlanner;
import dev.sheaf.pageserver.compact.CompactionRun;
import dev.sheaf.pageserver.compact.DroppedTables;
import dev.sheaf.pageserver.compact.DroppedTables.Drops;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.retain.Retention;
import dev.sheaf.pageserver.serve.ShardPublisher.Change;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.pageserver.tree.Segment;
import dev.sheaf.pageserver.tree.SegmentOpener;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.catalog.CatalogKeys;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Compacts one shard, a job at a time, beside commits, flushes and reads: only the last step, the
 * manifest, excludes flushes. A job that fails leaves nothing that can be seen; its inputs are left
 * alone for a while. Thread-safe; jobs come one after the other.
 */
final class ShardCompactor {
  private static final System.Logger LOG = System.getLogger(ShardCompactor.class.getName());
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Versions leave the retention window without anything being written. */
  private static final long LOOK_NANOS = TimeUnit.HOURS.toNanos(1);

  private final ShardState state;
  private final ShardPublisher publisher;
  private final CompactionPlanner planner;
  private final CompactionRun run;
  private final ObjectNames names;
  private final Retention retention;
  private final SegmentOpener opener;
  private final StoreTotals totals;
  private final LongSupplier nanoClock;

  /** Held over one job; guards what follows. */
  private final ReentrantLock compacting = new ReentrantLock();

  private final DroppedTables dropped;

  /** Inputs of jobs that failed. */
  private final Set<String> avoided = new HashSet<>();

  private long avoidedUntil;
  private volatile int debt;
  private volatile int segmentsThen;
  private volatile long lookedAt;
  private volatile boolean atRest;

  ShardCompactor(
      ShardState state,
      ShardPublisher publisher,
      CompactionPlanner planner,
      CompactionRun run,
      ObjectNames names,
      Retention retention,
      SegmentOpener opener,
      StoreTotals totals,
      LongSupplier nanoClock) {
    this.state = state;
    this.publisher = publisher;
    this.planner = planner;
    this.run = run;
    this.names = names;
    this.retention = retention;
    this.opener = opener;
    this.totals = totals;
    this.nanoClock = nanoClock;
    this.dropped = new DroppedTables(state::isStopped);
    this.segmentsThen = state.tree().segmentCount();
  }

  /** Segments that wait to be compacted: as of the last look, and what has come since. */
  int debt() {
    return debt + Math.max(0, state.tree().segmentCount() - segmentsThen);
  }

  /**
   * Says whether nothing has been committed for a while. A look at the beginning of a rest may find
   * what did not pay before.
   *
   * @return whether a rest begins
   */
  boolean rest(boolean now) {
    boolean begins = now && !atRest;
    atRest = now;
    return begins;
  }

  /** Whether a look may find something although there was no flush: costs no request. */
  boolean isDue() {
    return debt > 0
        || (publisher.newestKey().isPresent() && nanoClock.getAsLong() - lookedAt >= LOOK_NANOS);
  }

  /**
   * Does the job that pays most, if there is one.
   *
   * @return whether there may be another
   */
  boolean compactNext() {
    compacting.lock();
    try {
      return !state.isStopped() && tryNext();
    } finally {
      compacting.unlock();
    }
  }

  private boolean tryNext() {
    if (nanoClock.getAsLong() - avoidedUntil >= 0) {
      avoided.clear();
    }
    lookedAt = nanoClock.getAsLong();
    try {
      // Asked first: the picture has all that is flushed by then.
      Timestamp flushed = publisher.newestCommit();
      Tree tree = state.tree();
      ReadableTimes readable = tree.readable().narrowedTo(retention.of(state.shard()), flushed);
      Optional<CompactionJob> next = plan(tree, readable);
      next.ifPresent(job -> compact(tree, job, readable));
      return next.isPresent();
    } catch (RuntimeException e) {
      if (!state.isStopped()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "cannot compact shard " + state.shard() + ", trying again later",
            e);
      }
      return false;
    }
  }

  private Optional<CompactionJob> plan(Tree tree, ReadableTimes readable) {
    Drops drops = dropped.in(tree);
    var candidates = new ArrayList<Candidate>();
    for (LiveSegment segment : tree.segments()) {
      // What the log still names would come back from it.
      if (!segment.meta().maxTimestamp().isAfter(publisher.newestCommit())) {
        candidate(tree, segment, readable, drops).ifPresent(candidates::add);
      }
    }
    if (drops.areNeeded(tree, readable)) {
      candidates.removeIf(each -> each.meta().tableId() == CatalogKeys.TABLES_ID);
    }
    List<CompactionJob> jobs = planner.plan(candidates, atRest);
    debt = jobs.stream().mapToInt(job -> job.inputs().size()).sum();
    segmentsThen = tree.segmentCount();
    return jobs.stream()
        .filter(job -> job.inputs().stream().noneMatch(i -> avoided.contains(i.objectKey())))
        .findFirst();
  }

  /** Its segment is opened only where it may be merged with others. */
  private Optional<Candidate> candidate(
      Tree tree, LiveSegment segment, ReadableTimes readable, Drops drops) {
    if (avoided.contains(segment.meta().objectKey())) {
      return Optional.empty();
    }
    try {
      int tableId = segment.meta().tableId();
      List<SegmentColumn> columns =
          planner.mayMerge(tree.segmentsOf(tableId).size())
              ? segment.segment().columns()
              : List.of();
      return Optional.of(Candidate.of(segment, readable, drops.since(tableId), columns));
    } catch (SheafException e) {
      if (state.isStopped()) {
        throw e;
      }
      LOG.log(System.Logger.Level.WARNING, "left out of compaction: " + e.message());
      avoid(List.of(segment.meta()));
      return Optional.empty();
    }
  }

  private void avoid(List<SegmentMeta> inputs) {
    inputs.forEach(input -> avoided.add(input.objectKey()));
    avoidedUntil = nanoClock.getAsLong() + PAUSE_NANOS;
  }

  private void compact(Tree tree, CompactionJob job, ReadableTimes readable) {
    Set<SegmentMeta> chosen = Set.copyOf(job.inputs());
    List<LiveSegment> inputs =
        tree.segments().stream().filter(s -> chosen.contains(s.meta())).toList();
    try (ObjectNames.Work unused = names.begin()) {
      boolean nothingStays = job.reason() == CompactionJob.Reason.UNREACHABLE;
      Compacted done =
          nothingStays ? new Compacted(inputs, Map.of(), readable) : run.run(inputs, readable);
      install(done);
      LOG.log(
          System.Logger.Level.DEBUG,
          () ->
              "compacted shard %s: %s, %d bytes of %s to %d bytes"
                  .formatted(
                      state.shard(),
                      job.reason(),
                      done.inputBytes(),
                      job.inputs().stream().map(SegmentMeta::objectKey).toList(),
                      done.outputBytes()));
    } catch (RuntimeException e) {
      avoid(job.inputs());
      throw e;
    }
  }

  private void install(Compacted done) {
    if (state.isStopped()) {
      run.discard(done);
      return;
    }
    var carried = new CarryOver(done.inputs(), opened(done));
    // Most of what flushes have added meanwhile is found while they still may go on.
    carried.advance(state.tree());
    Set<Segment> gone =
        done.inputs().stream().map(LiveSegment::segment).collect(Collectors.toUnmodifiableSet());
    boolean unused =
        publisher.alone(() -> {
          carried.advance(state.tree());
          Map<SegmentMeta, DeleteVector> outputs = carried.addTo(done.outputs());
          publisher.publish(
              new Change(
                  publisher.published(),
                  publisher.newestCommit(),
                  gone.stream().map(s -> s.meta().objectKey()).collect(Collectors.toSet()),
                  outputs,
                  Map.of(),
                  done.readable(),
                  deletes -> state.compacted(gone, outputs, done.readable(), deletes)));
          return true;
        });
    totals.compacted(done.inputBytes(), done.outputBytes());
  }

  /** The outputs that rows of the present are in. */
  private List<Segment> opened(Compacted done) {
    var opened = new ArrayList<Segment>();
    done.outputs()
        .forEach((meta, vector) -> {
          if (vector.size() < meta.rows()) {
            opened.add(new Segment(opened.size(), meta, opener));
          }
        });
    return opened;
  }
}
