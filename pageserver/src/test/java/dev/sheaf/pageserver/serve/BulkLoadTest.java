package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.TABLE;
import static dev.sheaf.pageserver.serve.Harness.commit;
import static dev.sheaf.pageserver.serve.Harness.key;
import static dev.sheaf.pageserver.serve.Harness.now;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static dev.sheaf.pageserver.serve.Harness.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BulkLoadTest {
  private static final KeyRange ALL = KeyRange.ofTable(TABLE);

  @TempDir Path scratch;
  private Harness harness;
  private PageServer server;

  @BeforeEach
  void start() {
    harness = new Harness(scratch);
    server = harness.start();
  }

  private BulkRequest request(Timestamp snapshot, List<byte[]> guards, boolean keysAreNew) {
    var columns =
        List.of(
            new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null),
            new ColumnRequest(5, PhysicalType.BYTES, null),
            new ColumnRequest(2, PhysicalType.LONG, null));
    return new BulkRequest(SHARD, Harness.id(), snapshot, TABLE, columns, guards, keysAreNew);
  }

  private BulkLoad begin(Timestamp snapshot) {
    return server.beginBulk(request(snapshot, List.of(), false), soon());
  }

  /** Rows with a selection that leaves every other physical row out. */
  private static Batch batch(long... keys) {
    int rows = keys.length * 2;
    byte[] data = new byte[rows * key(0).length];
    int[] start = new int[rows];
    int[] length = new int[rows];
    long[] values = new long[rows];
    int[] selection = new int[keys.length];
    for (int i = 0; i < keys.length; i++) {
      int row = 2 * i + 1;
      byte[] key = key(keys[i]);
      start[row] = row * key.length;
      length[row] = key.length;
      System.arraycopy(key, 0, data, start[row], key.length);
      values[row] = keys[i] * 10;
      selection[i] = row;
    }
    var keyColumn = Vec.BytesVec.of(data, start, length, null, rows);
    var nulls = Vec.BytesVec.of(data, start, length, new long[(rows + 63) / 64], rows);
    return Batch.of(new Vec[] {keyColumn, nulls, new Vec.LongVec(values, null, rows)}, rows)
        .select(selection, selection.length);
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private List<String> uploads() {
    return harness.objects.list("db/db/0/segments/", "", 1000);
  }

  @Test
  void rowsOfManyChunksBecomeVisibleTogether() {
    Timestamp before = now(server);
    int rows = 3000;
    try (BulkLoad load = begin(before)) {
      for (int i = rows - 1; i >= 0; i -= 100) {
        load.append(batch(LongStream.range(i - 99, i + 1).toArray()), soon());
      }
      assertThat(uploads()).hasSizeGreaterThan(5);
      assertThat(harness.scan(server, now(server), ALL)).isEmpty();
      Timestamp loaded = load.commit(soon()).timestamp();
      assertThat(harness.scan(server, new Timestamp(loaded.value() - 1), ALL)).isEmpty();
      var found = harness.scan(server, loaded, ALL);
      assertThat(found).hasSize(rows).containsEntry(2999L, 29990L);
      assertThat(server.sizeOf(SHARD, TABLE, soon()).rows()).isEqualTo(rows);
    }
    assertThat(uploads()).isNotEmpty();
    commit(server, now(server), write(WriteKind.PUT, 7, 1), write(WriteKind.DELETE, 8, 0));
    server.abandon();
    server = harness.start();
    assertThat(harness.scan(server, now(server), ALL))
        .hasSize(rows - 1)
        .containsEntry(7L, 1L)
        .containsEntry(9L, 90L);
  }

  @Test
  void duplicatesAreFoundInTheLoadAndInTheTable() {
    commit(server, now(server), write(WriteKind.PUT, 500, 1));
    server.release(SHARD, soon());
    commit(server, now(server), write(WriteKind.PUT, 2500, 1), write(WriteKind.PUT, 9000, 1));
    commit(server, now(server), write(WriteKind.DELETE, 9000, 0));
    List<String> before = uploads();
    long[][] loads = {
      {1, 2, 1}, {499, 500, 501}, {2500}, {3, 4, 5, 3},
    };
    long[] duplicate = {1, 500, 2500, 3};
    for (int i = 0; i < loads.length; i++) {
      long[] keys = loads[i];
      long expected = duplicate[i];
      try (BulkLoad load = begin(now(server))) {
        for (long key : keys) {
          load.append(batch(key), soon());
          // Fills a chunk, so that equal keys come to lie in different ones.
          load.append(
              batch(
                  LongStream.range(10_000 * key, 10_000 * key + 300)
                      .map(k -> k + 1_000_000 + load.rows() * 7)
                      .toArray()),
              soon());
        }
        assertThatThrownBy(() -> load.commit(soon()))
            .isInstanceOfSatisfying(
                SheafException.class,
                e -> assertThat(DuplicateKeys.keyOf(e).orElseThrow()).isEqualTo(key(expected)));
      }
    }
    assertThat(uploads()).isEqualTo(before);
    try (BulkLoad load = begin(now(server))) {
      load.append(batch(9000, 1), soon());
      load.commit(soon());
    }
    assertThat(harness.scan(server, now(server), ALL))
        .isEqualTo(Map.of(1L, 10L, 500L, 1L, 2500L, 1L, 9000L, 90_000L));
  }

  @Test
  void aDeletionOrAGuardChangedSinceTheSnapshotIsAConflict() {
    commit(server, now(server), write(WriteKind.PUT, 1, 1), write(WriteKind.PUT, 99, 1));
    Timestamp old = now(server);
    commit(server, now(server), write(WriteKind.DELETE, 1, 0), write(WriteKind.PUT, 99, 2));
    for (boolean flushed : new boolean[] {false, true}) {
      try (BulkLoad load = begin(old)) {
        load.append(batch(1), soon());
        assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> load.commit(soon()));
      }
      try (BulkLoad load = server.beginBulk(request(old, List.of(key(99)), true), soon())) {
        load.append(batch(2), soon());
        assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> load.commit(soon()));
      }
      if (!flushed) {
        server.release(SHARD, soon());
      }
    }
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(99L, 2L));
  }

  @Test
  void othersWaitForTheTableAndTheUnknownStays() throws Exception {
    Timestamp snapshot = now(server);
    harness.log(SHARD).holdCommits();
    var request = request(snapshot, List.of(), true);
    BulkLoad load = server.beginBulk(request, soon());
    load.append(batch(1, 2), soon());
    assertCode(
        ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
        () -> load.commit(Deadline.after(System.nanoTime(), 100)));
    load.close();
    assertThat(server.status(SHARD, request.transaction(), soon()))
        .isEqualTo(TransactionStatus.IN_PROGRESS);
    var waiting = new CompletableFuture<CommitResult>();
    Thread.startVirtualThread(() -> {
      try {
        waiting.complete(commit(server, snapshot, write(WriteKind.PUT, 1, 5)));
      } catch (RuntimeException e) {
        waiting.completeExceptionally(e);
      }
    });
    assertCode(
        ErrorCode.QUERY_CANCELED,
        () ->
            server.get(SHARD, now(server), List.of(key(1)), Deadline.after(System.nanoTime(), 50)));
    assertThat(waiting).isNotDone();
    harness.log(SHARD).releaseCommits();

    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.SERIALIZATION_FAILURE));
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 10L, 2L, 20L));
    server.release(SHARD, soon());
    assertThat(harness.scan(server, now(server), ALL)).isEqualTo(Map.of(1L, 10L, 2L, 20L));
  }

  @Test
  void onlySoManyLoadsRunAtATime() {
    BulkLoad first = begin(now(server));
    BulkLoad second = begin(now(server));
    assertCode(
        ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
        () ->
            server.beginBulk(
                request(now(server), List.of(), false), Deadline.after(System.nanoTime(), 20)));
    first.append(batch(1), soon());
    first.close();
    first.close();
    begin(now(server)).close();
    assertCode(ErrorCode.INTERNAL_ERROR, () -> first.append(batch(1), soon()));
    second.close();
    assertThat(uploads()).isEmpty();
  }
}
