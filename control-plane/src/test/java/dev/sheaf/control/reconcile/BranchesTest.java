package dev.sheaf.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabasePage;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.control.registry.Origin;
import dev.sheaf.protocol.DatabaseId;
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
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BranchesTest extends ShopControl {
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
      DatabaseName name = all.get(random.nextInt(all.size())).name().database();
      String branch = "b" + random.nextInt(6);
      String backup = "k" + random.nextInt(2);
      try {
        switch (random.nextInt(10)) {
          case 0, 1 -> branch(name, branch);
          case 2 ->
              process.branches.restore(
                  name, Instant.ofEpochMilli(29 * DAY), Optional.of(branch), soon());
          case 3 -> process.branches.reset(name, soon());
          case 4, 5 -> process.branches.backUp(name, backup, Optional.empty(), soon());
          case 6 -> process.branches.createFrom(name, branch, backup, soon());
          case 7 -> process.branches.restore(name, backup, Optional.of(branch), soon());
          case 8 -> process.branches.deleteBackup(name, backup, soon());
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
