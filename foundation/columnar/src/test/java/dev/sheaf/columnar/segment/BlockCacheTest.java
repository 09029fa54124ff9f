package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class BlockCacheTest {
  private static final long SEED = Long.getLong("sheaf.seed", 13);

  private record Weight(long weightBytes) implements BlockCache.Cached {}

  private static BlockCache.Key key(int i) {
    return new BlockCache.Key("object " + i % 7, i % 5, i);
  }

  @Test
  void staysWithinItsBytesWhateverIsPut() throws InterruptedException, ExecutionException {
    for (long capacity : new long[] {0, 10_000, 3 << 20, 100 << 20}) {
      var cache = new BlockCache(capacity);
      List<Callable<Void>> users = new ArrayList<>();
      for (int user = 0; user < 4; user++) {
        var random = new Random(SEED + user);
        users.add(() -> {
          for (int i = 0; i < 10_000; i++) {
            BlockCache.Key key = key(random.nextInt(5000));
            if (cache.get(key) == null || random.nextInt(10) == 0) {
              cache.put(key, new Weight(random.nextInt(100_000)));
            }
            if (i % 100 == 0) {
              assertThat(cache.stats().usedBytes()).isBetween(0L, capacity);
            }
          }
          return null;
        });
      }
      try (var threads = Executors.newFixedThreadPool(4)) {
        for (var user : threads.invokeAll(users)) {
          user.get();
        }
      }
      assertThat(cache.stats().usedBytes()).isBetween(0L, capacity);
      assertThat(cache.stats().hits() + cache.stats().misses()).isEqualTo(40_000);
    }
  }

  @Test
  void whatIsUsedTwiceSurvivesAScan() {
    var cache = new BlockCache(8 << 20);
    for (int i = 0; i < 100; i++) {
      cache.put(key(i), new Weight(10_000));
      cache.get(key(i));
    }
    for (int i = 1000; i < 11_000; i++) {
      cache.put(key(i), new Weight(10_000));
    }
    for (int i = 0; i < 100; i++) {
      assertThat(cache.get(key(i))).as("key " + i).isNotNull();
    }
    assertThat(cache.get(key(1000))).isNull();
    assertThat(cache.get(key(10_999))).isNotNull();
    assertThat(cache.stats().evictions()).isGreaterThan(9000);
  }

  @Test
  void aValueThatWouldDriveOutHalfTheCacheIsNotKept() {
    var cache = new BlockCache(1000);
    cache.put(key(1), new Weight(100));
    cache.put(key(2), new Weight(600));
    assertThat(cache.get(key(2))).isNull();
    assertThat(cache.get(key(1))).isEqualTo(new Weight(100));
    cache.put(key(1), new Weight(200));
    assertThat(cache.get(key(1))).isEqualTo(new Weight(200));
  }
}
