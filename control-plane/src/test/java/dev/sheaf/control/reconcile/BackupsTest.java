package dev.sheaf.control.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.reconcile.DatabaseLifecycle.DatabaseStatus;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.control.registry.DatabaseState;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory.DatabaseInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackupsTest extends ShopControl {
  private DatabaseRecord backUp(DatabaseName database, String name) {
    return process.branches.backUp(database, name, Optional.empty(), soon()).database();
  }

  private List<DatabaseName> backups(DatabaseName database) {
    return process.branches.backups(database, Optional.empty(), 100).databases().stream()
        .map(DatabaseRecord::name)
        .toList();
  }

  @Test
  void aBackupIsKeptAndNobodysToOpen() {
    Instant past = Instant.ofEpochMilli(29 * DAY);
    DatabaseStatus taken = process.branches.backUp(SHOP, "nightly", Optional.of(past), soon());
    DatabaseRecord backup = taken.database();
    assertThat(backup.state()).isEqualTo(DatabaseState.READY);
    assertThat(backup.origin().orElseThrow().at().millis()).isEqualTo(29 * DAY);
    assertThat(host.stored).contains(backup.rootShard());
    assertThat(backups(SHOP)).containsExactly(new DatabaseName("shop~nightly"));
    assertThat(process.branches.backup(SHOP, "nightly").database()).isEqualTo(backup);

    // Neither a database nor a branch, whoever asks.
    assertThat(process.registry.all()).extracting(DatabaseInfo::name).containsExactly("shop");
    assertThat(process.registry.byName("shop~nightly")).isEmpty();
    assertThat(process.registry.exists(backup.id())).isFalse();
    assertThat(process.lifecycle.list(Optional.empty(), 10).databases()).hasSize(1);
    assertThat(process.branches.list(SHOP, Optional.empty(), 10).databases()).isEmpty();
    restart();
    finish();
    checkWhole();
  }

  @Test
  void refusesAsBranchesDo() {
    backUp(SHOP, "nightly");
    assertFails(ErrorCode.DUPLICATE_OBJECT, "nightly", () -> backUp(SHOP, "nightly"));
    assertFails(ErrorCode.INVALID_PARAMETER_VALUE, "a~b", () -> backUp(SHOP, "a~b"));
    assertFails(
        ErrorCode.INVALID_CATALOG_NAME, "none", () -> backUp(new DatabaseName("none"), "a"));
    assertFails(
        ErrorCode.SNAPSHOT_TOO_OLD,
        "1970-01-24",
        () ->
            process.branches.backUp(
                SHOP, "old", Optional.of(Instant.ofEpochMilli(22 * DAY)), soon()));
    assertFails(
        ErrorCode.INVALID_PARAMETER_VALUE,
        "future",
        () ->
            process.branches.backUp(
                SHOP, "new", Optional.of(Instant.ofEpochMilli(31 * DAY)), soon()));
    assertFails(
        ErrorCode.UNDEFINED_OBJECT, "weekly", () -> process.branches.backup(SHOP, "weekly"));
    assertFails(
        ErrorCode.UNDEFINED_OBJECT,
        "weekly",
        () -> process.branches.restore(SHOP, "weekly", Optional.empty(), soon()));
    assertFails(
        ErrorCode.UNDEFINED_OBJECT,
        "weekly",
        () -> process.branches.createFrom(SHOP, "dev", "weekly", soon()));
    assertFails(
        ErrorCode.INVALID_CATALOG_NAME,
        "none",
        () -> process.branches.deleteBackup(new DatabaseName("none"), "a", soon()));
    assertThat(backups(SHOP)).hasSize(1);
  }

  @Test
  void aDatabaseOutlivesItsBackups() {
    backUp(SHOP, "nightly");
    branch(SHOP, "dev");
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "branches: shop@dev, and backups: shop~nightly",
        () -> process.lifecycle.delete(SHOP, soon()));
    process.lifecycle.delete(DEV, soon());
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "has backups: shop~nightly",
        () -> process.lifecycle.delete(SHOP, soon()));
    process.branches.deleteBackup(SHOP, "nightly", soon());
    process.lifecycle.delete(SHOP, soon());
    assertThat(host.stored).isEmpty();
    assertThat(process.registry.registered()).isEmpty();
  }

  @Test
  void aBranchOfABackupBeginsAsTheBackupAndOutlivesIt() {
    Timestamp at = backUp(SHOP, "nightly").origin().orElseThrow().at();
    // Long after the window has passed by.
    host.millis.addAndGet(1000 * DAY);
    process.branches.keep(SHOP, Duration.ofMinutes(1), soon());
    DatabaseRecord dev = process.branches.createFrom(SHOP, "dev", "nightly", soon()).database();
    assertThat(dev.name()).isEqualTo(DEV);
    assertThat(dev.state()).isEqualTo(DatabaseState.READY);
    assertThat(dev.origin().orElseThrow().parent()).isEqualTo(shop.id());
    assertThat(host.branched).containsEntry(dev.rootShard(), at);
    assertThat(dev.window()).contains(Duration.ofMinutes(1));

    process.branches.deleteBackup(SHOP, "nightly", soon());
    checkWhole();
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "has branches: shop@dev",
        () -> process.lifecycle.delete(SHOP, soon()));
  }

  @Test
  void backupsStayWithTheNameThroughRestores() {
    DatabaseRecord backup = backUp(SHOP, "nightly");
    Timestamp at = backup.origin().orElseThrow().at();
    host.millis.addAndGet(100 * DAY);
    for (String kept : List.of("first", "second")) {
      DatabaseRecord now =
          process.branches.restore(SHOP, "nightly", Optional.of(kept), soon()).database();
      assertThat(now.name()).isEqualTo(SHOP);
      assertThat(host.branched).containsEntry(now.rootShard(), at);
      assertThat(backups(SHOP)).containsExactly(backup.name());
      assertThat(backups(new DatabaseName("shop@" + kept))).isEmpty();
    }
    assertThat(process.registry.require(new DatabaseName("shop@first")).id()).isEqualTo(shop.id());

    // By its name the backup holds the database, by what it shares the one it was taken of.
    process.branches.restore(SHOP, "nightly", Optional.of("third"), soon());
    for (DatabaseName each : List.of(SHOP, new DatabaseName("shop@first"))) {
      assertFails(
          ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
          "shop~nightly",
          () -> process.lifecycle.delete(each, soon()));
    }
    process.lifecycle.delete(new DatabaseName("shop@second"), soon());
    finish();
    checkWhole();
  }

  @Test
  void aBackupOfABranchStopsItsReset() {
    backUp(branch(SHOP, "dev").name(), "nightly");
    assertThat(backups(DEV)).containsExactly(new DatabaseName("shop@dev~nightly"));
    assertThat(backups(SHOP)).isEmpty();
    assertFails(
        ErrorCode.DEPENDENT_OBJECTS_STILL_EXIST,
        "shop@dev~nightly",
        () -> process.branches.reset(DEV, soon()));
    process.branches.deleteBackup(DEV, "nightly", soon());
    assertThat(process.branches.reset(DEV, soon()).database().name()).isEqualTo(DEV);
  }

  /** Its first manifest is what is being copied. */
  @Test
  void aBackupStaysWhileSomethingBeginsAsIt() throws ExecutionException, InterruptedException {
    backUp(SHOP, "nightly");
    host.faultBefore.set(new SheafException(ErrorCode.IO_ERROR, "no store"));
    DatabaseStatus dev = process.branches.createFrom(SHOP, "dev", "nightly", soon());
    assertThat(dev.database().state()).isEqualTo(DatabaseState.BRANCHING);
    assertFails(
        ErrorCode.OBJECT_IN_USE,
        "begin database \"shop@dev\"",
        () -> process.branches.deleteBackup(SHOP, "nightly", soon()));
    finish();
    process.branches.deleteBackup(SHOP, "nightly", soon());
    checkWhole();

    // At the same time one of the two comes first, and the other one knows.
    for (int round = 0; round < 20; round++) {
      backUp(SHOP, "k" + round);
      String name = "b" + round;
      String backup = "k" + round;
      var start = new CountDownLatch(1);
      Future<?> deletion =
          threads.submit(() -> {
            start.await();
            return process.branches.deleteBackup(SHOP, backup, soon());
          });
      start.countDown();
      try {
        process.branches.createFrom(SHOP, name, backup, soon());
      } catch (SheafException e) {
        assertThat(e.code())
            .isIn(
                ErrorCode.OBJECT_IN_USE,
                ErrorCode.UNDEFINED_OBJECT,
                ErrorCode.INVALID_CATALOG_NAME);
      }
      try {
        deletion.get();
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(SheafException.class);
        assertThat(((SheafException) e.getCause()).code()).isEqualTo(ErrorCode.OBJECT_IN_USE);
      }
      finish();
      checkWhole();
    }
  }

  /** Whatever the moment, the next process ends where the request wanted to go. */
  @ParameterizedTest
  @CsvSource({
    "take,0,before",
    "take,0,after",
    "branch,0,before",
    "branch,0,after",
    "branch,1,before",
    "branch,1,after",
    "restore,0,before",
    "restore,0,after",
    "restore,1,before",
    "restore,1,after",
    "delete,0,before",
    "delete,0,after"
  })
  void aCrashInTheMiddleIsTakenUpAtStart(String request, int step, String moment) {
    backUp(SHOP, "nightly");
    AtomicReference<Throwable> fault = moment.equals("before") ? host.faultBefore : host.faultAfter;
    host.spared.set(step);
    fault.set(new Crash());
    assertThatThrownBy(
            () -> {
              switch (request) {
                case "take" -> backUp(SHOP, "weekly");
                case "branch" -> process.branches.createFrom(SHOP, "dev", "nightly", soon());
                case "restore" ->
                    process.branches.restore(SHOP, "nightly", Optional.of("kept"), soon());
                default -> process.branches.deleteBackup(SHOP, "nightly", soon());
              }
            })
        .isInstanceOf(Crash.class);
    restart();
    finish();

    switch (request) {
      case "take" -> assertThat(backups(SHOP)).hasSize(2);
      case "branch" ->
          assertThat(process.registry.byName("shop@dev").orElseThrow().ready()).isTrue();
      case "restore" ->
          assertThat(process.registry.require(new DatabaseName("shop@kept")).id())
              .isEqualTo(shop.id());
      default -> assertThat(backups(SHOP)).isEmpty();
    }
    checkWhole();
  }
}
