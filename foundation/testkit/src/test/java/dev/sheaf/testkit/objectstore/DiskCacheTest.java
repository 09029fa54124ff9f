package dev.sheaf.testkit.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.objectstore.MemoryObjectStore;
import dev.sheaf.objectstore.cache.CachedObjects;
import dev.sheaf.objectstore.cache.DiskCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk between memory and the store: answers only what the store would, or nothing. */
final class DiskCacheTest {
  private static final long SEED = Long.getLong("sheaf.seed", 29);
  private static final String KEY = "db/shop-1/0/segments/7";
  private static final String OTHER = "db/shop-1/0/segments/8";

  @TempDir Path folder;
  private final Executor atOnce = Runnable::run;

  private DiskCache open(long capacity) {
    return open("one", capacity, 0, atOnce);
  }

  private DiskCache open(String store, long capacity, long reserve, Executor executor) {
    return DiskCache.open(
        folder, store, new DiskCache.Limits(capacity, 1 << 20, reserve, 1 << 20), executor);
  }

  private static byte[] content(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("objects"))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void answersRangesThatLieInWhatItHas() {
    DiskCache cache = open(10 << 20);
    byte[] object = content(SEED, 300_000);
    cache.put(KEY, 1000, Arrays.copyOfRange(object, 1000, 101_000));
    cache.put(KEY, 101_000, Arrays.copyOfRange(object, 101_000, 150_000));

    for (int[] range :
        new int[][] {
          {1000, 101_000},
          {1000, 1001},
          {100_999, 101_000},
          {17_000, 34_500},
          {99_000, 150_000},
          {1000, 150_000}
        }) {
      assertThat(cache.get(KEY, range[0], range[1] - range[0]))
          .isEqualTo(Arrays.copyOfRange(object, range[0], range[1]));
    }
    assertThat(cache.get(KEY, 999, 2)).isNull();
    assertThat(cache.get(KEY, 149_999, 2)).isNull();
    assertThat(cache.get(OTHER, 1000, 1)).isNull();
    assertThat(cache.stats().hits()).isEqualTo(6);
    assertThat(cache.stats().misses()).isEqualTo(3);
    cache.forget(KEY, 120_000, 1);
    assertThat(cache.get(KEY, 149_000, 1)).isNull();
    assertThat(cache.get(KEY, 1000, 100_000)).isNotNull();
  }

  @Test
  void aRestartFindsWhatWasThereAndNothingOfAnotherStore() throws IOException {
    byte[] bytes = content(SEED, 70_000);
    open(10 << 20).put(KEY, 42, bytes);
    DiskCache again = open(10 << 20);
    assertThat(again.get(KEY, 42, 70_000)).isEqualTo(bytes);
    assertThat(again.stats().usedBytes()).isGreaterThan(70_000);

    Path only = files().getFirst();
    Files.writeString(only.resolveSibling("17-5"), "a crash cut this one");
    Files.writeString(only.resolveSibling("notes.txt"), "not ours");
    assertThat(open(10 << 20).get(KEY, 42, 70_000)).isEqualTo(bytes);
    assertThat(files()).containsExactly(only);

    assertThat(open("another", 10 << 20, 0, atOnce).get(KEY, 42, 70_000)).isNull();
    assertThat(files()).isEmpty();
  }

  /** Every byte of a file, one bit each; and every length that a crash can leave. */
  @ParameterizedTest
  @CsvSource({"700, 1", "40000, 399"})
  void aDamagedFileIsNeverBelieved(int length, int step) throws IOException {
    byte[] bytes = content(SEED, length);
    var random = new Random(SEED);
    DiskCache cache = open(10 << 20);
    cache.put(KEY, 100, bytes);
    Path file = files().getFirst();
    byte[] right = Files.readAllBytes(file);
    assertThat(right.length).isLessThan(length + 100);
    for (int at = 0; at < right.length; at += step) {
      byte[] flipped = right.clone();
      flipped[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, flipped);
      assertThat(cache.get(KEY, 100, length)).as("flipped at " + at).isNull();
      assertThat(file).doesNotExist();
      cache.put(KEY, 100, bytes);
      assertThat(cache.get(KEY, 100, length)).isEqualTo(bytes);
    }
    for (int cut = 0; cut < right.length; cut += step) {
      Files.write(file, Arrays.copyOf(right, cut));
      assertThat(cache.get(KEY, 100, 10)).as("cut to " + cut).isNull();
      cache.put(KEY, 100, bytes);
    }
    Files.delete(file);
    assertThat(cache.get(KEY, 100, 10)).isNull();
    assertThat(cache.stats().damaged()).isPositive();
  }

  @Test
  void aFileUnderAnothersNameIsNeverBelieved() throws IOException {
    DiskCache cache = open(10 << 20);
    cache.put(KEY, 0, content(1, 5000));
    cache.put(OTHER, 0, content(2, 5000));
    cache.put(OTHER, 5000, content(3, 5000));
    List<Path> files = files();
    byte[] mine = Files.readAllBytes(files.getFirst());
    Files.copy(files.get(1), files.getFirst(), StandardCopyOption.REPLACE_EXISTING);
    assertThat(cache.get(KEY, 0, 10)).isNull();
    Files.write(files.get(2), mine);
    assertThat(cache.get(OTHER, 5000, 10)).isNull();
    assertThat(cache.get(OTHER, 0, 5000)).isEqualTo(content(2, 5000));
  }

  @Test
  void staysWithinItsBytesAndSparesWhatIsUsed() throws IOException {
    DiskCache cache = open(1 << 20);
    cache.put(KEY, 0, content(1, 50_000));
    for (int i = 0; i < 200; i++) {
      cache.put(OTHER, i * 30_000L, content(i, 30_000));
      assertThat(cache.get(KEY, 0, 50_000)).as("used all the time").isEqualTo(content(1, 50_000));
      assertThat(cache.stats().usedBytes()).isLessThanOrEqualTo(1 << 20);
    }
    long onDisk = 0;
    for (Path file : files()) {
      onDisk += Files.size(file);
    }
    assertThat(onDisk).isBetween(500_000L, 1L << 20);
    assertThat(cache.get(OTHER, 199 * 30_000L, 30_000)).isEqualTo(content(199, 30_000));
    assertThat(cache.get(OTHER, 0, 30_000)).isNull();
    cache.put(KEY, 1 << 20, content(2, 600_000));
    assertThat(cache.get(KEY, 1 << 20, 1)).as("too large to be worth it").isNull();
  }

  @Test
  void aFullVolumeOrAFailingOneTurnsItOffForNobodyElse() throws IOException {
    var store = new MemoryObjectStore();
    store.put(KEY, content(5, 100_000));
    DiskCache short_ = open("one", 1 << 20, Long.MAX_VALUE / 2, atOnce);
    assertThat(new CachedObjects(store, short_).getRange(KEY, 0, 100)).hasSize(100);
    assertThat(short_.stats().skippedBytes()).isEqualTo(100);
    assertThat(short_.stats().on()).isTrue();

    DiskCache failing = open(1 << 20);
    Path objects = folder.resolve("objects");
    Files.delete(objects);
    Files.writeString(objects, "a file where the folder should be");
    var cached = new CachedObjects(store, failing);
    assertThat(cached.getRange(KEY, 10, 100))
        .isEqualTo(Arrays.copyOfRange(content(5, 100_000), 10, 110));
    assertThat(failing.stats().on()).isFalse();
    assertThat(cached.getRange(KEY, 10, 100)).hasSize(100);

    Path file = Files.writeString(folder.resolve("file"), "x");
    var limits = new DiskCache.Limits(1 << 20, 1 << 20, 0, 1 << 20);
    assertThat(DiskCache.open(file, "one", limits, atOnce).stats().on()).isFalse();
  }

  @Test
  void whatIsReadOnceLeavesNoTrace() throws IOException {
    var store = new MemoryObjectStore();
    byte[] object = content(SEED, 100_000);
    store.put(KEY, object);
    DiskCache cache = open(1 << 20);
    var cached = new CachedObjects(store, cache);
    cached.getRange(KEY, 0, 1000);
    DiskCache.Stats before = cache.stats();
    assertThat(cached.getRangeOnce(KEY, 0, 100_000)).isEqualTo(object);
    assertThat(cache.stats()).isEqualTo(before);
    assertThat(files()).hasSize(1);
    assertThat(cache.get(KEY, 0, 1000)).isEqualTo(Arrays.copyOf(object, 1000));
  }

  @Test
  void whatTheDiskCannotKeepUpWithIsNotKept() {
    Queue<Runnable> writer = new ArrayDeque<>();
    DiskCache cache = open("one", 100 << 20, 0, writer::add);
    for (int i = 0; i < 40; i++) {
      cache.put(KEY, i * 50_000L, content(i, 50_000));
    }
    assertThat(cache.stats().skippedBytes()).isEqualTo(20 * 50_000);
    assertThat(writer).hasSize(1);
    writer.remove().run();
    assertThat(cache.stats().writtenBytes()).isEqualTo(20 * 50_000);
    assertThat(cache.get(KEY, 0, 50_000)).isEqualTo(content(0, 50_000));
  }

  /** Random reads of random objects with a small cache, restarts and damage: always the store's. */
  @Test
  void answersAsTheStoreDoes() throws IOException {
    var random = new Random(SEED);
    var store = new MemoryObjectStore();
    Map<String, byte[]> model = new HashMap<>();
    for (int i = 0; i < 5; i++) {
      String key = "db/d/0/segments/" + i;
      model.put(key, content(i, 20_000 + random.nextInt(200_000)));
      store.put(key, model.get(key));
    }
    DiskCache cache = open(300_000);
    for (int step = 0; step < 3000; step++) {
      String key = "db/d/0/segments/" + random.nextInt(5);
      byte[] object = model.get(key);
      int offset = random.nextInt(object.length);
      int length = 1 + random.nextInt(Math.min(40_000, object.length - offset));
      assertThat(new CachedObjects(store, cache).getRange(key, offset, length))
          .as("seed " + SEED + ", step " + step)
          .isEqualTo(Arrays.copyOfRange(object, offset, offset + length));
      if (random.nextInt(50) == 0) {
        List<Path> files = files();
        Path file = files.get(random.nextInt(files.size()));
        byte[] bytes = Files.readAllBytes(file);
        bytes[random.nextInt(bytes.length)] ^= 4;
        Files.write(file, bytes);
      }
      if (random.nextInt(300) == 0) {
        cache.close();
        cache = open(300_000);
      }
    }
    assertThat(cache.stats().usedBytes()).isLessThanOrEqualTo(300_000);
  }
}
