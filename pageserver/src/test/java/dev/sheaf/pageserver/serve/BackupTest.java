package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.pageserver.assign.ShardObjectRemoval;
import dev.sheaf.pageserver.branch.BackupStart;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a backup holds stays, whatever its database becomes, and goes with the backup. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BackupTest extends EagerShard {
  private static final ShardId BACKUP = ShardId.root(new DatabaseId("db-backup"));
  private static final long ROWS = 60;

  /** Backups and branches of the shard. */
  private final List<BranchReferences.Branch> registered = new CopyOnWriteArrayList<>();

  private void startWithFamily() {
    start();
    harness.references =
        new BranchReferences(
            harness.objects, shard -> shard.equals(SHARD) ? List.copyOf(registered) : List.of());
  }

  private void register(ShardId shard) {
    registered.add(new BranchReferences.Branch(shard, true));
  }

  private void remove(ShardId shard) {
    server.release(shard, soon());
    new ShardObjectRemoval(harness.objects, System::nanoTime).deleteAll(shard, soon());
    registered.removeIf(each -> each.shard().equals(shard));
  }

  private TreeMap<Long, Long> backUp() {
    register(BACKUP);
    server.branch(SHARD, BACKUP, Harness.now(server), soon());
    return new TreeMap<>(rows);
  }

  /** Rows change, nobody may read the past any more, all is merged and what is left over goes. */
  private void changeEverything(long value) {
    put(0, ROWS, value);
    delete(value);
    server.flush(SHARD, soon());
    forgetThePast(SHARD);
    server.compact(SHARD, soon());
    sweep();
  }

  private void forgetThePast(ShardId shard) {
    Timestamp now = Harness.now(server, shard);
    harness.retentions.put(shard, new ReadableTimes(now, List.of()));
  }

  /** Also what only the listing of a new owner finds, once it has a manifest of its own. */
  private void sweep() {
    flush();
    put(ROWS, ROWS + 1, 1);
    server.flush(SHARD, soon());
    server.maintain();
    server.maintain();
  }

  private List<String> objects() {
    return harness.objects.list("", "", 10_000);
  }

  private TreeMap<Long, Long> present(ShardId shard) {
    return harness.scan(server, shard, Harness.now(server, shard), ALL);
  }

  @Test
  void everyOldRowComesBackWhateverTheDatabaseBecame() {
    startWithFamily();
    put(0, ROWS, 1);
    server.flush(SHARD, soon());
    put(0, ROWS / 2, 2);
    delete(7);
    Timestamp before = Harness.now(server);
    TreeMap<Long, Long> then = backUp();
    List<String> held = namedBy(BACKUP);
    for (long value = 10; value < 14; value++) {
      changeEverything(value);
    }
    assertThat(namedBy(SHARD)).doesNotContainAnyElementsOf(held);
    assertThatThrownBy(() -> server.branch(SHARD, CHILD, before, soon()))
        .as("the database itself has forgotten it")
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_TOO_OLD));

    register(CHILD);
    BackupStart.write(harness.objects, BACKUP, CHILD);
    BackupStart.write(harness.objects, BACKUP, CHILD);
    assertThat(present(CHILD)).isEqualTo(then);
    assertThat(StoreCheckTest.findings(server, CHILD)).isEmpty();
    assertThat(Harness.now(server, CHILD)).isGreaterThan(before);
    check();

    // It goes its own way, which the backup does not see: a second one begins as the first did.
    var childs = new TreeMap<>(then);
    for (long key = 0; key < ROWS; key += 2) {
      Timestamp now = Harness.now(server, CHILD);
      Harness.commit(server, CHILD, now, Harness.write(WriteKind.PUT, key, 99));
      childs.put(key, 99L);
    }
    server.flush(CHILD, soon());
    forgetThePast(CHILD);
    server.compact(CHILD, soon());
    ShardId second = ShardId.root(new DatabaseId("db2"));
    register(second);
    BackupStart.write(harness.objects, BACKUP, second);
    // And once it has begun it can do without the backup.
    remove(BACKUP);
    changeEverything(20);
    assertThat(present(second)).isEqualTo(then);
    assertThat(present(CHILD)).isEqualTo(childs);
    assertThat(StoreCheckTest.findings(server, second)).isEmpty();
    check();
  }

  @Test
  void aDeletedBackupFreesWhatOnlyItKept() {
    startWithFamily();
    put(0, ROWS, 1);
    server.flush(SHARD, soon());
    backUp();
    assertThat(harness.objects.list("db/db-backup/", "", 10))
        .as("a backup is one object")
        .hasSize(1);
    Set<String> held = new HashSet<>(namedBy(BACKUP));
    for (long value = 10; value < 13; value++) {
      changeEverything(value);
    }
    assertThat(namedBy(SHARD)).doesNotContainAnyElementsOf(held);
    assertThat(objects()).containsAll(held);
    assertThat(leftovers().stream().filter(each -> held.contains(each.objectKey())))
        .hasSameSizeAs(held)
        .allMatch(each -> BACKUP.toString().equals(each.neededBy()));

    remove(BACKUP);
    sweep();
    assertThat(objects()).doesNotContainAnyElementsOf(held);
    assertThat(harness.objects.list("db/db-backup/", "", 10)).isEmpty();
    check();
    checkReferences();
  }

  @Test
  void nothingBeginsAsWhatIsNotThere() {
    startWithFamily();
    put(0, 1, 1);
    assertThatThrownBy(() -> BackupStart.write(harness.objects, BACKUP, CHILD))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED));
    backUp();
    for (ShardId wrong : List.of(BACKUP, new ShardId(CHILD.database(), 1))) {
      assertThatThrownBy(() -> BackupStart.write(harness.objects, BACKUP, wrong))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE));
    }
  }
}
