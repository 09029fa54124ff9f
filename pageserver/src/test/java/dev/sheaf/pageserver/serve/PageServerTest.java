package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.commit;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.row;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PageServerTest {
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);

  @TempDir Path scratch;
  private Harness harness;
  private PageServer server;

  @BeforeEach
  void start() {
    harness = new Harness(scratch);
    server = harness.start();
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static <T> CompletableFuture<T> start(Supplier<T> call) {
    var future = new CompletableFuture<T>();
    Thread.startVirtualThread(() -> {
      try {
        future.complete(call.get());
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
      }
    });
    return future;
  }

  private CompletableFuture<CommitResult> startCommit(Timestamp snapshot, Write... writes) {
    return start(() -> commit(server, snapshot, writes));
  }

  /** Until the log has taken another record: commits wait there while it is held. */
  private void awaitRecords(int count) {
    while (harness.log(SHARD).recordCount() < count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void theFirstCommitterWins() {
    commit(server, now(server), write(WriteKind.PUT, 1, 10), write(WriteKind.PUT, 2, 20));
    for (boolean flushed : new boolean[] {false, true}) {
      Timestamp old = now(server);
      commit(server, old, write(WriteKind.PUT, 1, 11), write(WriteKind.DELETE, 2, 0));
      if (flushed) {
        server.release(SHARD, soon());
      }
      for (WriteKind kind : List.of(WriteKind.PUT, WriteKind.DELETE)) {
        assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> commit(server, old, write(kind, 1, 12)));
        assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> commit(server, old, write(kind, 2, 12)));
      }
      assertCode(
          ErrorCode.SERIALIZATION_FAILURE,
          () -> commit(server, old, write(WriteKind.INSERT, 2, 12)));
      assertThatThrownBy(() -> commit(server, old, write(WriteKind.INSERT, 1, 12)))
          .isInstanceOfSatisfying(
              SheafException.class,
              e -> assertThat(DuplicateKeys.keyOf(e).orElseThrow()).isEqualTo(key(1)));
      var guarded = List.of(key(2));
      for (Timestamp snapshot : List.of(old, now(server))) {
        var request =
            new CommitRequest(
                SHARD,
                Harness.id(),
                snapshot,
                List.of(write(WriteKind.PUT, 3, 30 + snapshot.value() % 2)),
                guarded);
        if (snapshot.equals(old)) {
          assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> server.commit(request, soon()));
        } else {
          server.commit(request, soon());
        }
      }
      commit(server, now(server), write(WriteKind.INSERT, 2, 20));
    }
  }

  @Test
  void aCommitWaitsForTheOneBeforeItAndAReaderForBoth() throws Exception {
    Timestamp before = now(server);
    commit(server, before, write(WriteKind.PUT, 9, 9));
    Timestamp snapshot = now(server);
    harness.log(SHARD).holdCommits();
    var first = startCommit(snapshot, write(WriteKind.PUT, 1, 1), write(WriteKind.PUT, 2, 1));
    awaitRecords(2);
    var other = startCommit(snapshot, write(WriteKind.PUT, 3, 3));
    awaitRecords(3);
    var same = startCommit(snapshot, write(WriteKind.PUT, 2, 2));
    Timestamp after = now(server);
    var scan = start(() -> harness.scan(server, after, ALL));
    var get = start(() -> server.get(SHARD, after, List.of(key(1)), soon()));

    // What was acknowledged before is readable all the while.
    assertThat(harness.scan(server, snapshot, ALL)).isEqualTo(Map.of(9L, 9L));
    assertThat(scan).isNotDone();
    assertThat(get).isNotDone();
    assertThat(same).isNotDone();
    assertCode(
        ErrorCode.QUERY_CANCELED,
        () -> server.get(SHARD, after, List.of(key(9)), Deadline.after(System.nanoTime(), 20)));
    harness.log(SHARD).releaseCommits();

    assertThat(first.get(20, TimeUnit.SECONDS).timestamp())
        .isLessThan(other.get(20, TimeUnit.SECONDS).timestamp());
    assertThat(scan.get(20, TimeUnit.SECONDS)).isEqualTo(Map.of(1L, 1L, 2L, 1L, 3L, 3L, 9L, 9L));
    assertThat(get.get(20, TimeUnit.SECONDS).getFirst()).isEqualTo(row(1));
    assertThatThrownBy(() -> same.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SERIALIZATION_FAILURE));
  }

  @Test
  void anAnswerThatIsLateIsUnknownAndCanBeAskedFor() {
    Timestamp snapshot = now(server);
    harness.log(SHARD).holdCommits();
    TransactionId late = new TransactionId(uuid7());
    var request =
        new CommitRequest(SHARD, late, snapshot, List.of(write(WriteKind.INSERT, 1, 1)), List.of());
    assertCode(
        ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
        () -> server.commit(request, Deadline.after(System.nanoTime(), 50)));
    assertThat(server.status(SHARD, late, soon())).isEqualTo(TransactionStatus.IN_PROGRESS);
    harness.log(SHARD).releaseCommits();

    CommitResult again = server.commit(request, soon());
    assertThat(server.status(SHARD, late, soon())).isEqualTo(TransactionStatus.COMMITTED);
    for (int i = 0; i < 2; i++) {
      server.release(SHARD, soon());
      assertThat(server.status(SHARD, late, soon())).isEqualTo(TransactionStatus.COMMITTED);
      assertThat(server.commit(request, soon())).isEqualTo(again);
    }
    TransactionId never = new TransactionId(uuid7());
    assertThat(server.status(SHARD, never, soon())).isEqualTo(TransactionStatus.ABORTED);
    assertCode(
        ErrorCode.SERIALIZATION_FAILURE,
        () ->
            server.commit(
                new CommitRequest(
                    SHARD, never, now(server), List.of(write(WriteKind.PUT, 2, 2)), List.of()),
                soon()));
  }

  private static UUID uuid7() {
    return new UUID(System.currentTimeMillis() << 16 | 0x7000, 0x8000000000000001L);
  }

  @Test
  void whatTheLogRefusesLeavesNoTrace() throws Exception {
    byte[] large = new byte[300_000];
    harness.logs.put(SHARD, new dev.sheaf.pageserver.log.MemoryShardLog.Store(400_000));
    Timestamp snapshot = now(server);
    harness.log(SHARD).holdCommits();
    byte[] blob =
        RowCodec.encode(
            new Row(new int[] {3}, new PhysicalType[] {PhysicalType.BYTES}, new Object[] {large}));
    var first = startCommit(snapshot, new Write(key(1), WriteKind.PUT, blob));
    awaitRecords(1);
    assertCode(
        ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
        () -> commit(server, snapshot, new Write(key(2), WriteKind.PUT, blob)));
    harness.log(SHARD).releaseCommits();
    first.get(20, TimeUnit.SECONDS);
    commit(server, snapshot, write(WriteKind.PUT, 2, 2));
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, -7L, 2L, 2L));
  }

  @Test
  void aFencedOwnerNeitherCommitsNorAnswers() {
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    Timestamp old = now(server);
    PageServer other = harness.start();
    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> now(other));

    // As if the lease had ended, but the old owner does not know yet.
    harness.coordination.commit(List.of(), List.of(Change.delete("shards/db/0/holder")));
    commit(other, now(other), write(WriteKind.PUT, 1, 2));

    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> commit(server, old, write(WriteKind.PUT, 2, 2)));
    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> server.get(SHARD, old, List.of(key(1)), soon()));
    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> now(server));
    assertThat(harness.scan(other, now(other), ALL)).isEqualTo(Map.of(1L, 2L));
    assertThat(harness.scan(other, old, ALL)).isEqualTo(Map.of(1L, 1L));
    server.close();
    assertThat(harness.scan(other, now(other), ALL)).isEqualTo(Map.of(1L, 2L));
    other.close();
    assertThat(harness.scan(harness.start(), old, ALL)).isEqualTo(Map.of(1L, 1L));
  }

  @Test
  void commitsInFlightWhenTheLogIsLostAreUnknown() {
    Timestamp snapshot = now(server);
    harness.log(SHARD).holdCommits();
    var waiting = startCommit(snapshot, write(WriteKind.PUT, 1, 1));
    awaitRecords(1);
    harness.coordination.commit(List.of(), List.of(Change.delete("shards/db/0/holder")));
    PageServer other = harness.start();
    assertThat(harness.scan(other, now(other), ALL)).isEqualTo(Map.of(1L, 1L));
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_COMPLETION_UNKNOWN));
  }

  @Test
  void catalogVersionsFollowTheCatalogAlone() {
    Timestamp none = server.snapshot(SHARD, soon()).catalogVersion();
    assertThat(none).isEqualTo(Timestamp.ZERO);
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    assertThat(server.snapshot(SHARD, soon()).catalogVersion()).isEqualTo(none);
    var versions = new ArrayList<Timestamp>();
    for (int i = 0; i < 3; i++) {
      var descriptor = new Write(TableKey.encodeRowId(1, i), WriteKind.PUT, row(i));
      versions.add(commit(server, now(server), descriptor).timestamp());
    }
    for (int restart = 0; restart < 2; restart++) {
      assertThat(server.snapshot(SHARD, soon()).catalogVersion()).isEqualTo(versions.getLast());
      for (Timestamp version : versions) {
        assertThat(server.catalogVersionAt(SHARD, version, soon())).isEqualTo(version);
        var justBefore = new Timestamp(version.value() - 1);
        assertThat(server.catalogVersionAt(SHARD, justBefore, soon())).isLessThan(version);
      }
      server.release(SHARD, soon());
    }
  }

  @Test
  void rowsWrittenBeforeAColumnWasAddedStayWithoutIt() {
    commit(server, now(server), new Write(key(1), WriteKind.INSERT, rowOf(Map.of())));
    commit(server, now(server), write(WriteKind.INSERT, 2, 5));
    var nullValue =
        RowCodec.encode(
            new Row(new int[] {2}, new PhysicalType[] {PhysicalType.LONG}, new Object[] {null}));
    commit(server, now(server), new Write(key(3), WriteKind.INSERT, nullValue));
    for (int flushed = 0; flushed < 2; flushed++) {
      var found = server.get(SHARD, now(server), List.of(key(1), key(2), key(3)), soon());
      assertThat(RowCodec.decode(found.get(0)).size()).isZero();
      assertThat(RowCodec.decode(found.get(1)).values()).containsExactly(5L);
      assertThat(RowCodec.decode(found.get(2)).values()).containsExactly((Object) null);
      server.release(SHARD, soon());
    }
  }

  private static byte[] rowOf(Map<Integer, Long> values) {
    int[] ids = values.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
    PhysicalType[] types = new PhysicalType[ids.length];
    Arrays.fill(types, PhysicalType.LONG);
    return RowCodec.encode(new Row(ids, types, Arrays.stream(ids).mapToObj(values::get).toArray()));
  }

  @Test
  void damagedObjectsAreErrorsAndNeverRows() {
    commit(server, now(server), write(WriteKind.PUT, 1, 1), write(WriteKind.PUT, 2, 2));
    server.release(SHARD, soon());
    Timestamp snapshot = now(server);
    server.close();
    for (String object : harness.objects.list("db/", "", 100)) {
      byte[] good = harness.objects.get(object).orElseThrow();
      for (int at = 0; at < good.length; at += 1 + good.length / 40) {
        byte[] bad = good.clone();
        bad[at] ^= 0x40;
        harness.objects.put(object, bad);
        PageServer victim = harness.start();
        assertThatThrownBy(
                () -> {
                  var rows = victim.get(SHARD, snapshot, List.of(key(1), key(2)), soon());
                  assertThat(rows).containsExactly(row(1), row(2));
                  throw new SheafException(ErrorCode.DATA_CORRUPTED, object + " read in full");
                })
            .isInstanceOfSatisfying(
                SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_CORRUPTED))
            .hasMessageContaining(object);
        victim.abandon();
      }
      harness.objects.put(object, good);
    }
  }

  @Test
  void memoryIsBoundedByFlushingOrByRefusal() {
    server.close();
    var tiny = new PageServerConfig(1L << 40, 60_000, 4096, 2, 1L << 20, 10_000);
    server = harness.start(tiny);
    for (int i = 0; i < 2_000; i++) {
      commit(server, now(server), write(WriteKind.PUT, i % 300, i));
    }
    assertThat(harness.objects.list("db/db/0/segments/", "", 100)).isNotEmpty();
    assertThat(harness.scan(server, now(server), ALL)).hasSize(300);
    byte[] large = new byte[2 << 20];
    assertCode(
        ErrorCode.PROGRAM_LIMIT_EXCEEDED,
        () -> commit(server, now(server), new Write(key(1), WriteKind.PUT, rowOfBytes(large))));
  }

  private static byte[] rowOfBytes(byte[] bytes) {
    return RowCodec.encode(
        new Row(new int[] {3}, new PhysicalType[] {PhysicalType.BYTES}, new Object[] {bytes}));
  }

  @Test
  void anIdleShardMakesNoRequestAndAClosedOneReopensWithoutReplay() {
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    server.release(SHARD, soon());
    List<String> published = harness.objects.list("", "", 100);
    assertThat(harness.log(SHARD).recordCount()).isZero();
    for (int i = 0; i < 3; i++) {
      assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 1L));
      server.release(SHARD, soon());
    }
    assertThat(harness.objects.list("", "", 100)).isEqualTo(published);
  }

  @Test
  void whatNobodyWritesToIsFlushedOnceAndThenLeftAlone() {
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    server.maintain();
    assertThat(harness.log(SHARD).recordCount()).as("written to just now").isOne();
    server.close();
    server = harness.start(idleAtOnce());
    commit(server, now(server), write(WriteKind.PUT, 2, 2));

    server.maintain();
    Deadline soon = soon();
    while (server.memtableBytes() > 0 || harness.log(SHARD).recordCount() > 0) {
      soon.check(System.nanoTime());
      Waiting.pause(1);
    }
    List<String> published = harness.objects.list("", "", 100);
    server.maintain();
    server.maintain();
    assertThat(harness.objects.list("", "", 100)).isEqualTo(published);
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 1L, 2L, 2L));
  }

  private static PageServerConfig idleAtOnce() {
    PageServerConfig small = Harness.SMALL;
    return new PageServerConfig(
        small.memtableBytes(),
        small.allMemtablesBytes(),
        small.bulkChunkBytes(),
        small.bulkLoads(),
        small.commitBytes(),
        small.leaseMillis(),
        0,
        small.sweepGraceMillis(),
        small.compaction());
  }

  @Test
  void refusesWhatItCannotServe() {
    assertCode(
        ErrorCode.INVALID_CATALOG_NAME,
        () -> server.snapshot(ShardId.root(new DatabaseId("nobody")), soon()));
    assertCode(
        ErrorCode.FEATURE_NOT_SUPPORTED,
        () -> server.snapshot(new ShardId(new DatabaseId("db"), 3), soon()));
    assertCode(
        ErrorCode.INVALID_PARAMETER_VALUE,
        () -> server.get(SHARD, Timestamp.MAX, List.of(key(1)), soon()));
    server.close();
    assertCode(ErrorCode.ADMIN_SHUTDOWN, () -> now(server));
  }

  @Test
  void databasesDoNotSeeOneAnother() {
    ShardId other = ShardId.root(new DatabaseId("db2"));
    commit(server, now(server), write(WriteKind.PUT, 1, 1));
    Timestamp there = server.snapshot(other, soon()).timestamp();
    assertThat(server.get(other, there, List.of(key(1)), soon())).containsExactly((byte[]) null);
    server.commit(
        new CommitRequest(
            other, Harness.id(), there, List.of(write(WriteKind.INSERT, 1, 2)), List.of()),
        soon());
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 1L));
    assertThat(server.sizeOf(other, TABLE, soon()).rows()).isEqualTo(1);
  }
}
