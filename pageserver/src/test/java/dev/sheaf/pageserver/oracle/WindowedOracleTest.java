package dev.sheaf.pageserver.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class WindowedOracleTest {
  private static final ShardId SHARD = ShardId.root(new DatabaseId("db"));

  private final AtomicLong wall = new AtomicLong(1_000_000);
  private final EmbeddedCoordination facts =
      EmbeddedCoordination.inMemory(System::nanoTime, Thread::startVirtualThread);

  private Grants node(String name) {
    return new Grants(facts, name, 10_000, System::nanoTime);
  }

  private WindowedOracle oracle(Grant grant) {
    return WindowedOracle.start(facts, grant, Timestamp.ZERO, wall::get, Runnable::run);
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW));
  }

  @Test
  void aSuccessorBeginsAboveEverythingIssued() {
    Grants first = node("a");
    Grant grant = first.take(SHARD);
    WindowedOracle old = oracle(grant);
    Timestamp last = old.draw();
    assertThat(last).isEqualTo(Timestamp.ofMillis(1_000_000));
    assertRefused(() -> node("b").take(SHARD));

    first.release(grant);
    wall.addAndGet(-500_000);
    Grant next = node("b").take(SHARD);
    assertThat(next.term()).isEqualTo(grant.term().next());
    WindowedOracle successor = oracle(next);

    Timestamp drawn = successor.draw();
    assertThat(drawn.millis()).isEqualTo(1_000_000 + TimestampOracle.WINDOW_MILLIS);
    // The old one may go on below its window, never beyond it.
    assertThat(old.draw()).isLessThan(drawn);
    wall.addAndGet(600_000);
    assertRefused(old::draw);
    assertThat(successor.draw()).isEqualTo(Timestamp.ofMillis(wall.get()));
  }

  /**
   * Fifty owners one after the other, on clocks that jump; the old ones go on for as long as they
   * can.
   */
  @Test
  void noTimestampRepeatsOrGoesBackInFiftyFailoversWithClockJumps() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    var issued = new HashSet<Timestamp>();
    var retired = new ArrayList<WindowedOracle>();
    Timestamp last = Timestamp.ZERO;
    for (int failover = 0; failover < 50; failover++) {
      Grants node = node("n" + failover);
      Grant grant = node.take(SHARD);
      WindowedOracle owner = oracle(grant);
      Timestamp first = null;
      for (int i = 0; i < 200; i++) {
        wall.addAndGet(jump(random));
        Timestamp drawn = owner.draw();
        assertThat(drawn).as("seed %d, failover %d", seed, failover).isGreaterThan(last);
        assertThat(issued.add(drawn)).as("seed %d: %s is new", seed, drawn).isTrue();
        last = drawn;
        first = first == null ? drawn : first;
        if (i % 20 == 0 && !retired.isEmpty()) {
          Timestamp late = drawLate(retired.get(random.nextInt(retired.size())));
          if (late != null) {
            assertThat(issued.add(late)).as("seed %d: %s is new", seed, late).isTrue();
            assertThat(late).as("seed %d: of an old owner", seed).isLessThan(first);
          }
        }
      }
      retired.add(owner);
      if (random.nextBoolean()) {
        node.release(grant);
      } else {
        grant.lease().close();
      }
    }
  }

  private static long jump(SplittableRandom random) {
    return switch (random.nextInt(40)) {
      case 0 -> -random.nextLong(3_600_000);
      case 1 -> random.nextLong(3_600_000);
      case 2 -> TimestampOracle.WINDOW_MILLIS;
      default -> random.nextLong(3);
    };
  }

  /** Null when it is refused. */
  private static Timestamp drawLate(WindowedOracle old) {
    try {
      return old.draw();
    } catch (SheafException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
      return null;
    }
  }

  @Test
  void nothingIsIssuedOnceTheLeaseIsOver() {
    Grants node = node("a");
    Grant grant = node.take(SHARD);
    WindowedOracle oracle = oracle(grant);
    assertThat(oracle.draw()).isNotNull();
    grant.lease().close();
    assertRefused(oracle::draw);
    assertRefused(oracle::tryDraw);
  }

  @Test
  void anIdleOracleWritesNothingAndABusyOneExtendsAhead() {
    WindowedOracle oracle = oracle(node("a").take(SHARD));
    long before = revision();
    oracle.draw();
    long once = revision();
    assertThat(once).isGreaterThan(before);
    for (int i = 0; i < 1000; i++) {
      oracle.draw();
    }
    assertThat(revision()).isEqualTo(once);
    wall.addAndGet(TimestampOracle.WINDOW_MILLIS / 2 + 1);
    assertThat(oracle.tryDraw()).isPresent();
    assertThat(revision()).isGreaterThan(once);
    wall.addAndGet(TimestampOracle.WINDOW_MILLIS - 100);
    assertThat(oracle.tryDraw()).isPresent();
  }

  private long revision() {
    facts.commit(List.of(), List.of(Change.put("probe", "")));
    return facts.get("oracle/db/window").map(e -> e.modRevision()).orElse(0L);
  }

  @Test
  void aCommitAboveTheWindowIsCorruption() {
    Grant grant = node("a").take(SHARD);
    facts.commit(List.of(), List.of(Change.put("oracle/db/window", "500")));
    assertThatThrownBy(
            () -> WindowedOracle.start(facts, grant, new Timestamp(500), wall::get, Runnable::run))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED));
  }

  @Test
  void anExtensionWhoseOutcomeWasLostDoesNotStopTheNext() {
    var unreadable = new AtomicBoolean();
    Coordination forgetful =
        (Coordination)
            Proxy.newProxyInstance(
                Coordination.class.getClassLoader(),
                new Class<?>[] {Coordination.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("get") && unreadable.getAndSet(false)) {
                    throw new SheafException(ErrorCode.IO_ERROR, "not to be reached");
                  }
                  return method.invoke(facts, arguments);
                });
    Grant grant = node("a").take(SHARD);
    WindowedOracle oracle =
        WindowedOracle.start(forgetful, grant, Timestamp.ZERO, wall::get, Runnable::run);
    unreadable.set(true);
    assertThatThrownBy(oracle::draw).isInstanceOf(SheafException.class);
    // The window is written, only nobody knew. One attempt finds that out, the next one draws.
    assertRefused(oracle::draw);
    assertThat(oracle.draw().millis()).isGreaterThanOrEqualTo(wall.get());
  }

  @Test
  void manyCallersNeverSeeOneTimestampTwice() throws Exception {
    WindowedOracle oracle = oracle(node("a").take(SHARD));
    try (var threads = Executors.newFixedThreadPool(4)) {
      var tasks = new ArrayList<Callable<List<Timestamp>>>();
      for (int t = 0; t < 4; t++) {
        tasks.add(() -> {
          var drawn = new ArrayList<Timestamp>();
          for (int i = 0; i < 5_000; i++) {
            wall.addAndGet(i % 7 == 0 ? 3 : 0);
            drawn.add(oracle.draw());
          }
          assertThat(drawn).isSorted();
          return drawn;
        });
      }
      var all = new TreeSet<Timestamp>();
      for (var drawn : threads.invokeAll(tasks)) {
        all.addAll(drawn.get());
      }
      assertThat(all).hasSize(20_000);
    }
  }
}
