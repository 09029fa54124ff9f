package dev.sheaf.testkit.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guarantees of {@link ObjectStore}, run against each adapter by a subclass in its tests. */
public abstract class ObjectStoreContract {
  private static final long SEED = 20_261_122L;

  private ObjectStore store;
  @TempDir Path scratch;

  /** A store without objects; called once a test. */
  protected abstract ObjectStore open();

  /** What a server between us and the store can hold as a segment of a key. */
  protected int longestSegment() {
    return 255;
  }

  @BeforeEach
  void openStore() {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void readsBackWhatWasPut() throws IOException {
    byte[] large = new byte[5 << 20];
    new Random(SEED).nextBytes(large);
    Path file = Files.write(scratch.resolve("large"), large);

    store.put("a/empty", new byte[0]);
    store.put("a/small", utf8("hello"));
    store.putFile("a/b/large.seg", file);
    Files.delete(file);

    assertThat(store.get("a/empty")).hasValue(new byte[0]);
    assertThat(store.get("a/small")).hasValue(utf8("hello"));
    assertThat(store.get("a/b/large.seg")).hasValue(large);
    assertThat(store.size("a/b/large.seg")).hasValue((long) large.length);
    assertThat(store.size("a/empty")).hasValue(0L);
    assertThat(store.getRange("a/b/large.seg", 1_000_003, 70_001))
        .isEqualTo(Arrays.copyOfRange(large, 1_000_003, 1_070_004));
  }

  @Test
  void keepsItsOwnCopy() {
    byte[] content = utf8("first");
    store.put("k", content);
    Arrays.fill(content, (byte) 'x');
    store.get("k").orElseThrow()[0] = 'y';
    store.getRange("k", 0, 5)[0] = 'z';

    assertThat(store.get("k")).hasValue(utf8("first"));
  }

  @Test
  void anAbsentObjectIsEmptyOrAnErrorThatNamesIt() {
    store.put("folder/object", utf8("x"));

    for (String key : List.of("nothing", "folder/nothing", "no/folder/here", "folder")) {
      assertThat(store.get(key)).as(key).isEmpty();
      assertThat(store.size(key)).as(key).isEmpty();
      fails(ErrorCode.DATA_CORRUPTED, key, () -> store.getRange(key, 0, 1));
      store.delete(key);
    }
    assertThat(store.get("folder/object")).isPresent();
  }

  @Test
  void aRangeIsWholeOrAnError() {
    store.put("k", utf8("0123456789"));

    assertThat(store.getRange("k", 0, 10)).isEqualTo(utf8("0123456789"));
    assertThat(store.getRange("k", 9, 1)).isEqualTo(utf8("9"));
    assertThat(store.getRange("k", 10, 0)).isEmpty();
    for (long[] range : new long[][] {{0, 11}, {9, 2}, {10, 1}, {11, 0}, {Long.MAX_VALUE, 1}}) {
      fails(ErrorCode.DATA_CORRUPTED, "'k'", () -> store.getRange("k", range[0], (int) range[1]));
    }
    fails(ErrorCode.INTERNAL_ERROR, "'k'", () -> store.getRange("k", -1, 1));
    fails(ErrorCode.INTERNAL_ERROR, "'k'", () -> store.getRange("k", 0, -1));
  }

  @Test
  void putReplacesAndDeleteFrees() {
    store.put("k", utf8("a longer first content"));
    store.put("k", utf8("second"));
    assertThat(store.get("k")).hasValue(utf8("second"));

    store.delete("k");
    store.delete("k");
    assertThat(store.get("k")).isEmpty();
    assertThat(store.list("", "", 10)).isEmpty();
    assertThat(store.putIfAbsent("k", utf8("third"))).isTrue();
    assertThat(store.get("k")).hasValue(utf8("third"));
  }

  @Test
  void putIfAbsentKeepsTheFirstContent() {
    assertThat(store.putIfAbsent("m/1", utf8("one"))).isTrue();
    assertThat(store.putIfAbsent("m/1", utf8("two"))).isFalse();
    assertThat(store.putIfAbsent("m/1", utf8("on"))).isFalse();
    assertThat(store.putIfAbsent("m/1", utf8("one"))).as("a repeated attempt").isTrue();
    assertThat(store.get("m/1")).hasValue(utf8("one"));
  }

  @Test
  void exactlyOneOfManyRacingWritersCreates() throws Exception {
    for (int round = 0; round < 5; round++) {
      String key = "race/" + round + "/manifest";
      var attempts = new ArrayList<Callable<Boolean>>();
      for (int writer = 0; writer < 8; writer++) {
        byte[] content = utf8("writer " + writer);
        attempts.add(() -> store.putIfAbsent(key, content));
      }
      List<Boolean> created = runAll(attempts);

      assertThat(created).as(key).containsOnlyOnce(true);
      assertThat(store.get(key)).hasValue(utf8("writer " + created.indexOf(true)));
    }
  }

  @Test
  void readersSeeWholeObjectsWhileTheyAreReplaced() throws Exception {
    byte[] a = new byte[100_000];
    byte[] b = new byte[90_000];
    Arrays.fill(b, (byte) 1);
    store.put("k", a);
    var done = new AtomicBoolean();

    var readers = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < 3; i++) {
      readers.add(() -> {
        boolean whole = true;
        do {
          byte[] seen = store.get("k").orElseThrow();
          whole &= Arrays.equals(seen, a) || Arrays.equals(seen, b);
        } while (!done.get());
        return whole;
      });
    }
    readers.add(() -> {
      for (int i = 0; i < 20; i++) {
        store.put("k", i % 2 == 0 ? b : a);
      }
      done.set(true);
      return true;
    });

    assertThat(runAll(readers)).containsOnly(true);
    assertThat(store.list("", "", 10)).containsExactly("k");
  }

  @Test
  void listsInOrderByPrefixAndPage() {
    // '-' and '.' sort before '/', digits and letters after it
    List<String> keys =
        List.of(
            "a-b", "a.b", "a/b", "a/b-c", "a/c.x/1", "a/c/1", "a/c/2", "a0", "b/1/2/3", "b_", "B");
    var shuffled = new ArrayList<>(keys);
    Collections.shuffle(shuffled, new Random(SEED));
    shuffled.forEach(key -> store.put(key, utf8(key)));
    var sorted = new TreeSet<>(keys);

    for (String prefix : List.of("", "a", "a/", "a/c", "a/c/", "a/c/1", "b", "B", "zz", "a/b-cd")) {
      for (String after : List.of("", "a", "a/b", "a/c", "a/c/1", "a0", "b/1", "zz")) {
        List<String> wanted =
            sorted.stream().filter(k -> k.startsWith(prefix) && k.compareTo(after) > 0).toList();
        assertThat(store.list(prefix, after, 100)).as(prefix + " > " + after).isEqualTo(wanted);
        assertThat(store.list(prefix, after, 2))
            .as("first page of " + prefix + " > " + after)
            .isEqualTo(wanted.subList(0, Math.min(2, wanted.size())));
      }
    }
    assertThat(store.list("", "", 0)).isEmpty();
  }

  @Test
  void refusesKeysThatAreNotKeys() {
    String longSegment = "x".repeat(256);
    String longKey = "y/".repeat(256) + "y";
    for (String key :
        List.of(
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "./a",
            "a b",
            "a\\b",
            "~a",
            "ä",
            "a\0",
            "a:b",
            longSegment,
            longKey)) {
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.put(key, utf8("x")));
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.putIfAbsent(key, utf8("x")));
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.putFile(key, scratch.resolve("f")));
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.get(key));
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.getRange(key, 0, 1));
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.size(key));
      fails(ErrorCode.INTERNAL_ERROR, "key", () -> store.delete(key));
    }
    for (String key : List.of("...", "..a", "a..", "-", "_", "x".repeat(longestSegment()))) {
      store.put(key, utf8(key));
      assertThat(store.get(key)).as(key).hasValue(utf8(key));
    }
  }

  @Test
  void aFileThatCannotBeReadIsAnErrorAndNoObject() {
    fails(ErrorCode.IO_ERROR, "absent", () -> store.putFile("k", scratch.resolve("absent")));
    assertThat(store.get("k")).isEmpty();
    assertThat(store.list("", "", 10)).isEmpty();
  }

  private static void fails(ErrorCode code, String named, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(named);
  }

  private static <T> List<T> runAll(List<Callable<T>> calls)
      throws InterruptedException, ExecutionException {
    // platform threads: readers that never pause would starve a writer of its carrier
    try (var threads = Executors.newFixedThreadPool(calls.size())) {
      var results = new ArrayList<T>();
      for (Future<T> call : threads.invokeAll(calls)) {
        results.add(call.get());
      }
      return results;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
