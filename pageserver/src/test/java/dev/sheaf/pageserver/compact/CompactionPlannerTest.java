package dev.sheaf.pageserver.compact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.pageserver.compact.CompactionJob.Reason;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompactionPlannerTest {
  private static final int TABLE = 1000;
  private static final List<SegmentColumn> COLUMNS =
      List.of(new SegmentColumn(2, PhysicalType.LONG));
  private static final List<SegmentColumn> MORE_COLUMNS =
      List.of(new SegmentColumn(2, PhysicalType.LONG), new SegmentColumn(3, PhysicalType.BYTES));
  private static final long MIB = 1 << 20;

  private final CompactionSettings settings = CompactionSettings.DEFAULT;
  private final CompactionPlanner planner = new CompactionPlanner(settings);
  private int names;
  private long written;

  private Candidate segment(
      List<SegmentColumn> columns, long low, long high, long bytes, long dead, long unreachable) {
    var meta =
        new SegmentMeta(
            "s%06d".formatted(names++),
            bytes,
            Math.max(1, bytes / 100),
            TABLE,
            TableKey.encodeRowId(TABLE, low),
            TableKey.encodeRowId(TABLE, high),
            new Timestamp(1),
            new Timestamp(2),
            true);
    return new Candidate(meta, columns, meta.rows() * dead / 100, meta.rows() * unreachable / 100);
  }

  /** As a run would leave them, if sizes were exact. */
  private List<Candidate> run(CompactionJob job, List<Candidate> candidates) {
    var left = new ArrayList<Candidate>();
    long live = 0;
    long history = 0;
    Candidate first = null;
    for (Candidate each : candidates) {
      if (!job.inputs().contains(each.meta())) {
        left.add(each);
        continue;
      }
      first = each;
      live += each.isHistory() ? 0 : each.liveBytes();
      history +=
          (long) (each.meta().sizeBytes() * each.share(each.superseded() - each.unreachable()));
    }
    assertThat(first).isNotNull();
    written += live + history;
    for (long rest = live, n = 0; rest > 0; rest -= settings.segmentBytes(), n += 100) {
      left.add(segment(first.columns(), n, n + 99, Math.min(rest, settings.segmentBytes()), 0, 0));
    }
    for (long rest = history; rest > 0; rest -= settings.segmentBytes()) {
      left.add(segment(first.columns(), 0, 900, Math.min(rest, settings.segmentBytes()), 100, 0));
    }
    return left;
  }

  private List<Candidate> settle(List<Candidate> candidates) {
    List<Candidate> now = candidates;
    for (int jobs = 0; ; jobs++) {
      List<CompactionJob> plan = planner.plan(now, false);
      if (plan.isEmpty()) {
        return now;
      }
      assertThat(jobs).as("jobs without an end: %s", plan.getFirst()).isLessThan(2000);
      now = run(plan.getFirst(), now);
    }
  }

  @ParameterizedTest
  @CsvSource({"10, 5, 2", "100, 11, 4", "1000, 15, 5"})
  void smallFlushesEndInFewSegments(int flushes, int most, int timesWritten) {
    var now = new ArrayList<Candidate>();
    for (int i = 0; i < flushes; i++) {
      now.add(segment(COLUMNS, i, i + 500, 64 << 10, 0, 0));
      now = new ArrayList<>(settle(now));
    }
    assertThat(now).hasSizeLessThanOrEqualTo(most);
    assertThat(written).isLessThanOrEqualTo(timesWritten * flushes * (64L << 10));
  }

  @Test
  void cleanLargeSegmentsThatLieApartAreLeftAlone() {
    var sorted = new ArrayList<Candidate>();
    for (int i = 0; i < 40; i++) {
      sorted.add(segment(COLUMNS, i * 100, i * 100 + 99, 20 * MIB, 5, 0));
    }
    assertThat(planner.plan(sorted, false)).isEmpty();
    // Small ones over them are merged with one another, not with them.
    for (int i = 0; i < settings.fanIn(); i++) {
      sorted.add(segment(COLUMNS, 0, 3000, MIB, 0, 0));
    }
    List<CompactionJob> plan = planner.plan(sorted, false);
    assertThat(plan).hasSize(1);
    assertThat(plan.getFirst().inputs())
        .hasSize(settings.fanIn())
        .allMatch(s -> s.sizeBytes() == MIB);
  }

  @Test
  void wornSegmentsAreRewrittenOnceAndUnreachableOnesDropped() {
    Candidate worn = segment(COLUMNS, 0, 99, 300 * MIB, 50, 40);
    Candidate fresh = segment(COLUMNS, 0, 99, 300 * MIB, 30, 30);
    Candidate history = segment(COLUMNS, 0, 99, 30 * MIB, 100, 20);
    Candidate gone = segment(MORE_COLUMNS, 0, 99, 30 * MIB, 100, 100);
    List<CompactionJob> plan = planner.plan(List.of(worn, fresh, history, gone), false);
    assertThat(plan)
        .containsExactly(
            new CompactionJob(Reason.UNREACHABLE, List.of(gone.meta())),
            new CompactionJob(Reason.SUPERSEDED, List.of(worn.meta())));
    assertThat(settle(List.of(worn, fresh, history, gone))).hasSize(4);
  }

  @Test
  void theMostWornAreRewrittenUntilTheRestIsGoodEnough() {
    var candidates = new ArrayList<Candidate>();
    for (long dead = 10; dead <= 60; dead += 10) {
      candidates.add(segment(COLUMNS, 0, 99, 300 * MIB, dead, dead));
    }
    // 210 of 600 nobody can read: 54 % of the 390 live; without the most worn 150, 38 %.
    assertThat(planner.plan(candidates, false))
        .containsExactly(
            new CompactionJob(Reason.SUPERSEDED, List.of(candidates.getLast().meta())));
  }

  @Test
  void whatCanBeReadYetWaitsLongerButNotForEver() {
    var candidates = new ArrayList<Candidate>();
    for (long dead = 10; dead <= 60; dead += 10) {
      candidates.add(segment(COLUMNS, 0, 99, 300 * MIB, dead, 0));
    }
    assertThat(planner.plan(candidates, false)).isEmpty();
    // Of 800, 360 are superseded now, 82 % of the 440 live; without the most worn 64 %.
    candidates.add(segment(COLUMNS, 0, 99, 300 * MIB, 80, 0));
    candidates.add(segment(COLUMNS, 0, 99, 300 * MIB, 70, 0));
    assertThat(planner.plan(candidates, false))
        .containsExactly(new CompactionJob(Reason.SUPERSEDED, List.of(candidates.get(6).meta())));
  }

  @Test
  void atRestAllIsRewrittenThatScansFeel() {
    var candidates = new ArrayList<Candidate>();
    for (long dead = 5; dead <= 20; dead += 5) {
      candidates.add(segment(COLUMNS, 0, 99, 300 * MIB, dead, 0));
    }
    assertThat(planner.plan(candidates, false)).isEmpty();
    assertThat(planner.plan(candidates, true))
        .flatExtracting(CompactionJob::inputs)
        .containsExactlyInAnyOrderElementsOf(
            candidates.subList(1, 4).stream().map(Candidate::meta).toList());
  }

  @Test
  void largeHistoryIsLeftUntilLittleOfItCanBeSeen() {
    var candidates = new ArrayList<Candidate>();
    for (int i = 0; i < 2 * settings.fanIn(); i++) {
      candidates.add(segment(COLUMNS, 0, 99, settings.soloBytes(), 100, 50));
    }
    assertThat(planner.plan(candidates, false)).isEmpty();
    Candidate kept = segment(COLUMNS, 0, 99, 300 * MIB, 100, 90);
    candidates.add(kept);
    assertThat(planner.plan(candidates, false))
        .containsExactly(new CompactionJob(Reason.SUPERSEDED, List.of(kept.meta())));
  }

  @Test
  void otherColumnsAndHistoryStayApart() {
    var candidates = new ArrayList<Candidate>();
    for (int i = 1; i < settings.fanIn(); i++) {
      candidates.add(segment(COLUMNS, 0, 9, MIB, 0, 0));
      candidates.add(segment(MORE_COLUMNS, 0, 9, MIB, 0, 0));
      candidates.add(segment(COLUMNS, 0, 9, MIB, 100, 0));
    }
    assertThat(planner.plan(candidates, false)).isEmpty();
    Candidate last = segment(MORE_COLUMNS, 0, 9, MIB, 0, 0);
    candidates.add(last);
    assertThat(planner.plan(candidates, false).getFirst().inputs())
        .hasSize(settings.fanIn())
        .contains(last.meta());
  }

  @Test
  void fullSegmentsOverOneKeyAreSeparated() {
    var candidates = new ArrayList<Candidate>();
    for (int i = 0; i < settings.depth() + 4; i++) {
      candidates.add(segment(COLUMNS, i, 1000 - i, 250 * MIB, 0, 0));
    }
    assertThat(planner.plan(candidates, false).getFirst().reason()).isEqualTo(Reason.OVERLAPPING);
    assertThat(settle(candidates)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverThereIsPlansAreBoundedDisjointAndEnd(long seed) {
    var random = new Random(seed);
    var candidates = new ArrayList<Candidate>();
    for (int i = random.nextInt(150); i >= 0; i--) {
      long low = random.nextInt(1000);
      int dead = random.nextInt(3) == 0 ? 100 : random.nextInt(100);
      candidates.add(
          segment(
              random.nextBoolean() ? COLUMNS : MORE_COLUMNS,
              low,
              low + random.nextInt(300),
              100L << random.nextInt(22),
              dead,
              random.nextInt(dead + 1)));
    }
    List<CompactionJob> plan = planner.plan(candidates, false);
    var used = new HashSet<SegmentMeta>();
    for (CompactionJob job : plan) {
      assertThat(job.inputs()).as("seed %d", seed).allMatch(used::add);
      if (job.reason() != Reason.UNREACHABLE && job.inputs().size() > 2) {
        assertThat(job.bytes()).isLessThanOrEqualTo(settings.jobBytes());
        assertThat(job.inputs()).hasSizeLessThanOrEqualTo(settings.maxInputs());
      }
    }
    Collections.shuffle(candidates, random);
    assertThat(planner.plan(candidates, false)).as("seed %d", seed).isEqualTo(plan);
    assertThat(settle(candidates)).as("seed %d", seed).isNotNull();
  }
}
