package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.Timestamp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookups agree with a sorted map of versions. */
final class SegmentLookupTest {
  private static final long SEED = Long.getLong("sheaf.seed", 11);

  @TempDir Path folder;
  private final ObjectsInMemory objects = new ObjectsInMemory();

  private record Version(byte[] key, long timestamp) {}

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 40, 3000, 90_000})
  void findsWhatAModelFinds(int keyCount) {
    var random = new Random(SEED + keyCount);
    TreeMap<byte[], List<Long>> model = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < keyCount; i++) {
      model.put(randomKey(random), versions(1 + random.nextInt(3), random));
    }
    if (keyCount >= 40) {
      // hot keys: versions over several key pages, the second over a row group
      model.put(randomKey(random), versions(5000, random));
      model.put(randomKey(random), versions(keyCount > 10_000 ? 70_000 : 1100, random));
    }
    SegmentReader segment = write(model, true);

    String seed = "-Dsheaf.seed=" + SEED + " keys " + keyCount;
    TreeMap<byte[], Long> firstRows = firstRows(model);
    List<byte[]> present = new ArrayList<>(model.keySet());
    for (int i = 0; i < 2000; i++) {
      byte[] key = i % 2 == 0 ? randomKey(random) : present.get(random.nextInt(present.size()));
      key = i % 7 == 0 ? near(key, random) : key;
      long at = random.nextInt(8) == 0 ? Long.MAX_VALUE : random.nextLong(1L << 40);
      String what = seed + " key " + HexFormat.of().formatHex(key) + " at " + at;

      assertThat(segment.find(key, new Timestamp(at)))
          .as(what)
          .isEqualTo(find(model, firstRows, key, at));
      var next = firstRows.ceilingEntry(key);
      assertThat(segment.lowerBound(key))
          .as(what)
          .isEqualTo(next == null ? segment.rowCount() : next.getValue());
      if (model.containsKey(key)) {
        assertThat(segment.mayContain(key)).as(what).isTrue();
      }
    }
    for (byte[] key : List.of(new byte[0], new byte[] {-1, -1, -1, -1, -1})) {
      assertThat(segment.find(key, Timestamp.MAX)).isEmpty();
      assertThat(segment.mayContain(key)).isFalse();
    }
  }

  @Test
  void theBloomFilterRefusesMostAbsentKeysAndHotKeysWork() {
    var random = new Random(SEED);
    TreeMap<byte[], List<Long>> model = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < 40_000; i++) {
      model.put(numbered(2 * i), List.of(5L));
    }
    SegmentReader segment = write(model, false);

    int passed = 0;
    for (int i = 0; i < 20_000; i++) {
      passed += segment.mayContain(numbered(2 * random.nextInt(39_999) + 1)) ? 1 : 0;
    }
    assertThat(passed).as("of 20,000, at ten bits a key").isLessThan(600);
    assertThat(segment.hasTimestamps()).isFalse();
    assertThat(segment.find(numbered(4000), Timestamp.ZERO)).hasValue(2000);
  }

  private static byte[] numbered(int i) {
    return "key %09d".formatted(i).getBytes(StandardCharsets.UTF_8);
  }

  private static OptionalLong find(
      TreeMap<byte[], List<Long>> model, TreeMap<byte[], Long> firstRows, byte[] key, long at) {
    List<Long> versions = model.getOrDefault(key, List.of());
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i) <= at) {
        return OptionalLong.of(firstRows.get(key) + i);
      }
    }
    return OptionalLong.empty();
  }

  private static TreeMap<byte[], Long> firstRows(TreeMap<byte[], List<Long>> model) {
    TreeMap<byte[], Long> firstRows = new TreeMap<>(Arrays::compareUnsigned);
    long row = 0;
    for (var entry : model.entrySet()) {
      firstRows.put(entry.getKey(), row);
      row += entry.getValue().size();
    }
    return firstRows;
  }

  private static byte[] randomKey(Random random) {
    byte[] key = new byte[1 + random.nextInt(12)];
    random.nextBytes(key);
    key[0] &= 3; // shared prefixes
    return key;
  }

  private static byte[] near(byte[] key, Random random) {
    return random.nextBoolean()
        ? Arrays.copyOf(key, key.length + 1)
        : Arrays.copyOf(key, key.length - 1);
  }

  private static List<Long> versions(int count, Random random) {
    return random
        .longs(1, 1L << 40)
        .distinct()
        .limit(count)
        .boxed()
        .sorted((a, b) -> Long.compare(b, a))
        .toList();
  }

  private SegmentReader write(TreeMap<byte[], List<Long>> model, boolean withTimestamps) {
    List<Version> rows = new ArrayList<>();
    model.forEach((key, versions) -> versions.forEach(ts -> rows.add(new Version(key, ts))));
    Path file = folder.resolve("lookup");
    try (var writer = new SegmentWriter(file, List.of(), withTimestamps)) {
      for (int from = 0; from < rows.size(); from += Batch.MAX_ROWS) {
        List<Version> part = rows.subList(from, Math.min(rows.size(), from + Batch.MAX_ROWS));
        Vec keys =
            SegmentRoundTripTest.views(part.stream().map(Version::key).toArray(byte[][]::new));
        long[] timestamps = part.stream().mapToLong(Version::timestamp).toArray();
        writer.append(Batch.of(new Vec[] {keys}, part.size()), withTimestamps ? timestamps : null);
      }
      return SegmentFile.open(
          objects.add("lookup", writer.finish().path()), new BlockCache(4 << 20));
    }
  }
}
