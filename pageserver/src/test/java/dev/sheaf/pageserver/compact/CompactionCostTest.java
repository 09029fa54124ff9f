package dev.sheaf.pageserver.compact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What random updates of a loaded table cost in the end, row by row but without files: the planner
 * decides, flushes and merges do with rows what the real ones do.
 */
final class CompactionCostTest {
  private static final int TABLE = 1000;
  private static final int ROW_BYTES = 1000;
  private static final long NEVER = Long.MAX_VALUE;
  private static final List<SegmentColumn> COLUMNS =
      List.of(new SegmentColumn(2, PhysicalType.BYTES));

  private record Version(int key, long at) {}

  /** Rows ascending by key; since when each is superseded. */
  private record Rows(int[] keys, long[] since) {}

  private final CompactionSettings settings = CompactionSettings.DEFAULT;
  private final CompactionPlanner planner = new CompactionPlanner(settings);
  private final Random random = new Random(1);
  private final Map<SegmentMeta, Rows> segments = new LinkedHashMap<>();
  private int names;
  private long now;
  private long flushed;
  private long written;

  /** Where the newest version of each key is. */
  private Rows[] home;

  private int[] place;

  @ParameterizedTest
  @CsvSource({
    // keys, updates to one flush, updates that can be read back, factor written, factor stored
    "300000, 60000, 36000, 2.7, 1.5",
    "300000, 20000, 36000, 3.3, 1.5",
    "1000000, 60000, 36000, 2.9, 1.5",
    "300000, 60000, 1000000000, 3.5, 1.1",
  })
  void staysWithin(int keys, int memtable, long window, double writtenAtMost, double storedAtMost) {
    home = new Rows[keys];
    place = new int[keys];
    put(IntStream.range(0, keys).toArray(), LongStream.generate(() -> NEVER).limit(keys).toArray());
    double worst = 0;
    int flushes = 12 * keys / memtable;
    for (int n = 0; n < flushes; n++) {
      flush(keys, memtable, window);
      compact(window);
      worst = Math.max(worst, stored(window) / ((double) keys * ROW_BYTES));
    }
    double amplification = (double) (flushed + written) / flushed;
    assertThat(amplification)
        .as("bytes written for one flushed")
        .isLessThanOrEqualTo(writtenAtMost);
    assertThat(worst).as("bytes stored for one of the table").isLessThanOrEqualTo(storedAtMost);
  }

  /** Bytes of segments, but for rows that can be read back. */
  private double stored(long window) {
    double bytes = 0;
    for (Rows rows : segments.values()) {
      for (long since : rows.since) {
        bytes += since == NEVER || since <= now - window ? ROW_BYTES : 0;
      }
    }
    return bytes;
  }

  private void flush(int keys, int updates, long window) {
    var versions = new ArrayList<Version>();
    for (int i = 0; i < updates; i++) {
      versions.add(new Version(random.nextInt(keys), ++now));
    }
    versions.sort(Comparator.comparingInt(Version::key).thenComparingLong(Version::at));
    int[] ofKeys = new int[updates];
    long[] since = new long[updates];
    int rows = 0;
    for (int i = 0; i < updates; i++) {
      Version each = versions.get(i);
      boolean newest = i + 1 == updates || versions.get(i + 1).key() != each.key();
      long end = newest ? NEVER : versions.get(i + 1).at();
      if (i == 0 || versions.get(i - 1).key() != each.key()) {
        home[each.key()].since[place[each.key()]] = each.at();
      }
      if (end > now - window) {
        ofKeys[rows] = each.key();
        since[rows++] = end;
      }
    }
    flushed += (long) rows * ROW_BYTES;
    put(Arrays.copyOf(ofKeys, rows), Arrays.copyOf(since, rows));
  }

  private void put(int[] keys, long[] since) {
    for (int from = 0; from < keys.length; ) {
      int to = (int) Math.min(keys.length, from + settings.segmentBytes() / ROW_BYTES);
      var rows = new Rows(Arrays.copyOfRange(keys, from, to), Arrays.copyOfRange(since, from, to));
      var meta =
          new SegmentMeta(
              "s%06d".formatted(names++),
              (long) (to - from) * ROW_BYTES,
              to - from,
              TABLE,
              TableKey.encodeRowId(TABLE, rows.keys[0]),
              TableKey.encodeRowId(TABLE, rows.keys[to - from - 1]),
              new Timestamp(1),
              new Timestamp(2),
              true);
      segments.put(meta, rows);
      for (int i = 0; i < rows.keys.length; i++) {
        if (rows.since[i] == NEVER) {
          home[rows.keys[i]] = rows;
          place[rows.keys[i]] = i;
        }
      }
      from = to;
    }
  }

  private void compact(long window) {
    while (true) {
      List<CompactionJob> jobs = planner.plan(candidates(window), false);
      if (jobs.isEmpty()) {
        return;
      }
      merge(jobs.getFirst().inputs(), window);
    }
  }

  private Collection<Candidate> candidates(long window) {
    var candidates = new ArrayList<Candidate>();
    segments.forEach((meta, rows) -> {
      long superseded = Arrays.stream(rows.since).filter(s -> s != NEVER).count();
      long unreachable = Arrays.stream(rows.since).filter(s -> s <= now - window).count();
      candidates.add(new Candidate(meta, COLUMNS, superseded, unreachable));
    });
    return candidates;
  }

  private void merge(List<SegmentMeta> inputs, long window) {
    var live = new ArrayList<Version>();
    var history = new ArrayList<Version>();
    for (SegmentMeta input : inputs) {
      Rows rows = segments.remove(input);
      for (int i = 0; i < rows.keys.length; i++) {
        if (rows.since[i] == NEVER) {
          live.add(new Version(rows.keys[i], NEVER));
        } else if (rows.since[i] > now - window) {
          history.add(new Version(rows.keys[i], rows.since[i]));
        }
      }
    }
    for (List<Version> each : List.of(live, history)) {
      if (!each.isEmpty()) {
        each.sort(Comparator.comparingInt(Version::key));
        written += (long) each.size() * ROW_BYTES;
        put(
            each.stream().mapToInt(Version::key).toArray(),
            each.stream().mapToLong(Version::at).toArray());
      }
    }
  }
}
