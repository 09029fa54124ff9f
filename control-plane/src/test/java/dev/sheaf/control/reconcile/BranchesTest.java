package dev.sheaf.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.control.registry.Origin;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BranchesTest {
  private static final DatabaseName SHOP = new DatabaseName("shop");
  private static final DatabaseName DEV = new DatabaseName("shop@dev");
  private static final long DAY = 86_400_000L;
  private static final int MANY = 1_000;

  /** A process that ends in the middle: nothing in it may be caught. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  private final AtomicLong aheadNanos = new AtomicLong();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Coordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, threads);
  private final RecordingShardHost host = new RecordingShardHost();
  private Process process = new Process();
  private DatabaseRecord shop;

  /** What a process has in memory. */
  private final class Process {
    final DatabaseRegistry registry =
        new DatabaseRegistry(
            coordination,
            () -> Instant.EPOCH,
            System::nanoTime,
            new Random(ThreadLocalRandom.current().nextLong()),
            MANY + 1,
            soon());
    final DatabaseLifecycle lifecycle =
        new DatabaseLifecycle(registry, host, threads, () -> System.nanoTime() + aheadNanos.get());
    final Branches branches = new Branches(registry, lifecycle, host, Duration.ofDays(7));
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private void restart() {
    process.registry.close();
    host.open.clear();
    process = new Process();
  }

  /** Lets passes do what is left to be done. */
  private void finish() {
    for (int i = 0; i < 4; i++) {
      aheadNanos.addAndGet(60_000_000_000L);
      process.lifecycle.pass();
    }
  }

  @BeforeEach
  void createShop() {
    host.millis.set(30 * DAY);
    process.lifecycle.create(SHOP, Optional.empty(), soon());
    shop = process.registry.require(SHOP);
  }

  @AfterEach
  void close() {
    process.registry.close();
    coordination.close();
    threads.close();
  }

  private DatabaseRecord branch(DatabaseName parent, String name) {
    return process.branches.create(parent, name, Optional.empty(), soon()).database();
  }

  private static void assertFails(ErrorCode code, String part, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.message()).contains(part);
            });
  }

  @Test
  void aBranchIsADatabaseThatBeginsAsItsParentWas() {
    DatabaseStatus dev = process.branches.create(SHOP, "dev", Optional.empty(), soon());
    assertThat(dev.database().name()).isEqualTo(DEV);
    assertThat(dev.database().state()).isEqualTo(DatabaseState.READY);
    assertThat(dev.database().origin())
        .contains(new Origin(shop.id(), Timestamp.ofMillis(30 * DAY)));
    assertThat(host.branched).containsKey(dev.database().rootShard());
    assertThat(process.registry.byName("shop@dev").orElseThrow().ready()).isTrue();

    // A branch of a branch is of the same family.
    Instant past = Instant.ofEpochMilli(29 * DAY);
    DatabaseRecord test =
        process.branches.create(DEV, "test", Optional.of(past), soon()).database();
    assertThat(test.name().value()).isEqualTo("shop@test");
    assertThat(test.origin().orElseThrow().parent()).isEqualTo(dev.database().id());
    assertThat(test.origin().orElseThrow().at())
        .as("the whole millisecond counts as past")
        .isEqualTo(new Timestamp(Timestamp.ofMillis(29 * DAY + 1).value() - 1));
    assertThat(process.branches.list(SHOP, Optional.empty(), 10).databases())
        .extracting(DatabaseRecord::id)
        .containsExactly(dev.database().id());

    assertFails(ErrorCode.DUPLICATE_DATABASE, "shop@dev", () -> branch(SHOP, "dev"));
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, "a@b", () -> branch(SHOP, "a@b"));
    assertFails(
        ErrorCode.INVALID_CATALOG_NAME, "none", () -> branch(new DatabaseName("none"), "x"));
  }

  @Test
  void onlyThePastThatIsKeptCanBeBranched() {
    assertFails(
        ErrorCode.SNAPSHOT_TOO_OLD,
        "from 1970-01-24T00:00:00Z to 1970-01-31T00:00:00Z",
        () -> at(Instant.ofEpochMilli(22 * DAY)));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE, "future", () -> at(Instant.ofEpochMilli(31 * DAY)));
    process.branches.keep(SHOP, Duration.ofDays(9), soon());
    assertThat(at(Instant.ofEpochMilli(22 * DAY)).database().state())
        .isEqualTo(DatabaseState.READY);
    process.branches.keep(SHOP, Duration.ofDays(900), soon());
    assertFails(
        ErrorCode.SNAPSHOT_TOO_OLD, "1970-01-01T00:00:00Z", () -> at(Instant.ofEpochMilli(-1)));
    for (Duration wrong : List.of(Duration.ofSeconds(59), Duration.ofDays(40_000))) {
      assertFails(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "kept",
          () -> process.branches.keep(SHOP, wrong, soon()));
    }
  }

  private DatabaseStatus at(Instant moment) {
    return process.branches.create(SHOP, "past", Optional.of(moment), soon());
  }

  @Test
  void aParentOutlivesItsBranches() {
    branch(SHOP, "dev");
    branch(DEV, "test");
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "shop@dev",
        () -> process.lifecycle.delete(SHOP, soon()));
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "shop@test",
        () -> process.lifecycle.delete(DEV, soon()));
    for (String name : List.of("shop@test", "shop@dev", "shop")) {
      process.lifecycle.delete(new DatabaseName(name), soon());
    }
    assertThat(host.stored).isEmpty();
    assertThat(process.registry.registered()).isEmpty();
  }

  @Test
  void aRestoreSwapsTheNames() {
    Instant yesterday = Instant.ofEpochMilli(29 * DAY);
    DatabaseRecord now =
        process.branches.restore(SHOP, yesterday, Optional.empty(), soon()).database();

    assertThat(now.name()).isEqualTo(SHOP);
    assertThat(now.state()).isEqualTo(DatabaseState.READY);
    assertThat(now.origin().orElseThrow().parent()).isEqualTo(shop.id());
    assertThat(process.registry.require(SHOP)).isEqualTo(now);
    var kept = new DatabaseName("shop@before-19700131-000000");
    assertThat(process.registry.require(kept).id()).isEqualTo(shop.id());
    assertThat(process.registry.byName("shop").orElseThrow().id()).isEqualTo(now.id());

    // And back again: what it had become is still there.
    DatabaseRecord again =
        process.branches.restore(SHOP, yesterday, Optional.of("wrong"), soon()).database();
    assertThat(again.origin().orElseThrow().parent()).isEqualTo(now.id());
    assertThat(process.registry.require(new DatabaseName("shop@wrong")).id()).isEqualTo(now.id());
  }

  @Test
  void aResetTakesTheParentsStateOfNow() {
    DatabaseRecord dev = branch(SHOP, "dev");
    host.millis.addAndGet(DAY);
    assertFails(
        ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE,
        "no branch",
        () -> process.branches.reset(SHOP, soon()));
    branch(DEV, "test");
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "shop@test",
        () -> process.branches.reset(DEV, soon()));
    process.lifecycle.delete(new DatabaseName("shop@test"), soon());

    DatabaseRecord reset = process.branches.reset(DEV, soon()).database();
    assertThat(reset.name()).isEqualTo(DEV);
    assertThat(reset.id()).isNotEqualTo(dev.id());
    assertThat(reset.origin()).contains(new Origin(shop.id(), Timestamp.ofMillis(31 * DAY)));
    finish();
    assertThat(host.stored).containsExactlyInAnyOrder(shop.rootShard(), reset.rootShard());
  }

  /** Whatever the moment, the next process ends where the request wanted to go. */
  @ParameterizedTest
  @CsvSource({
    "create,0,before", "create,0,after", "create,1,before", "create,1,after",
    "restore,0,before", "restore,0,after", "restore,1,before", "restore,1,after",
    "reset,0,before", "reset,0,after", "reset,1,before", "reset,1,after",
    "delete,0,before", "delete,0,after"
  })
  void aCrashInTheMiddleIsTakenUpAtStart(String request, int step, String moment) {
    DatabaseRecord dev = branch(SHOP, "dev");
    AtomicReference<Throwable> fault = moment.equals("before") ? host.faultBefore : host.faultAfter;
    host.spared.set(step);
    fault.set(new Crash());
    assertThatThrownBy(
            () -> {
              switch (request) {
                case "create" -> branch(SHOP, "new");
                case "restore" ->
                    process.branches.restore(
                        SHOP, Instant.ofEpochMilli(29 * DAY), Optional.of("kept"), soon());
                case "reset" -> process.branches.reset(DEV, soon());
                default -> process.lifecycle.delete(DEV, soon());
              }
            })
        .isInstanceOf(Crash.class);
    restart();
    finish();

    switch (request) {
      case "create" ->
          assertThat(process.registry.byName("shop@new").orElseThrow().ready()).isTrue();
      case "restore" -> {
        assertThat(process.registry.require(SHOP).id()).isNotEqualTo(shop.id());
        assertThat(process.registry.require(new DatabaseName("shop@kept")).id())
            .isEqualTo(shop.id());
      }
      case "reset" -> assertThat(process.registry.require(DEV).id()).isNotEqualTo(dev.id());
      default -> assertThat(process.registry.find(DEV)).isEmpty();
    }
    checkWhole();
  }

  /** Nothing waits, nothing is stored of what is gone, everything has what it came from. */
  private void checkWhole() {
    assertThat(process.lifecycle.waiting()).isEmpty();
    List<DatabaseRecord> all = process.registry.registered();
    assertThat(all)
        .allSatisfy(each -> {
          assertThat(each.state()).isEqualTo(DatabaseState.READY);
          assertThat(each.takeover()).isEmpty();
        });
    assertThat(host.stored)
        .isEqualTo(all.stream().map(DatabaseRecord::rootShard).collect(Collectors.toSet()));
    var ids = all.stream().map(DatabaseRecord::id).collect(Collectors.toSet());
    for (DatabaseRecord each : all) {
      each.origin().ifPresent(origin -> assertThat(ids).contains(origin.parent()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aFamilyStaysWholeWhateverIsInterrupted(long seed) {
    var random = new Random(seed);
    for (int step = 0; step < 40; step++) {
      if (random.nextInt(3) == 0) {
        host.spared.set(random.nextInt(3));
        (random.nextBoolean() ? host.faultBefore : host.faultAfter)
            .set(
                random.nextBoolean()
                    ? new Crash()
                    : new SheafException(ErrorCode.IO_ERROR, "no store"));
      }
      List<DatabaseRecord> all = process.registry.registered();
      DatabaseName name = all.get(random.nextInt(all.size())).name();
      try {
        switch (random.nextInt(5)) {
          case 0, 1 -> branch(name, "b" + random.nextInt(6));
          case 2 ->
              process.branches.restore(
                  name,
                  Instant.ofEpochMilli(29 * DAY),
                  Optional.of("b" + random.nextInt(6)),
                  soon());
          case 3 -> process.branches.reset(name, soon());
          default -> {
            if (!name.equals(SHOP)) {
              process.lifecycle.delete(name, soon());
            }
          }
        }
      } catch (Crash e) {
        restart();
      } catch (SheafException e) {
        assertThat(e.code().name()).as("seed %s: %s", seed, e).isNotEqualTo("INTERNAL_ERROR");
      }
      host.faultBefore.set(null);
      host.faultAfter.set(null);
      if (random.nextInt(4) == 0) {
        finish();
        checkWhole();
      }
    }
    finish();
    checkWhole();
  }

  @Test
  void aThousandBranchesOfOneDatabase() {
    for (int i = 0; i < MANY; i++) {
      branch(SHOP, "b" + i);
    }
    assertFails(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, "1001", () -> branch(SHOP, "more"));
    var seen = new ArrayList<DatabaseId>();
    Optional<String> cursor = Optional.empty();
    do {
      DatabasePage page = process.branches.list(SHOP, cursor, 100);
      page.databases().forEach(each -> seen.add(each.id()));
      cursor = page.cursor();
    } while (cursor.isPresent());
    assertThat(new HashSet<>(seen)).hasSize(MANY).hasSameSizeAs(seen);
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "and 990 more",
        () -> process.lifecycle.delete(SHOP, soon()));
  }
}
