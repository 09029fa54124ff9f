package dev.sheaf.testkit.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.expression.Expr;
import dev.sheaf.columnar.expression.Fn;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.rpc.shard.grpc.RemoteShards;
import dev.sheaf.rpc.shard.grpc.ShardEndpoint;
import dev.sheaf.rpc.shard.grpc.ShardLimits;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract over a real socket, and what only a network can do. */
final class RemoteShardsTest extends ShardServiceContract {
  private static final ColumnRequest KEY =
      new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null);
  private static final ColumnRequest LOADED = new ColumnRequest(2, PhysicalType.LONG, null);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final MemoryShards served =
      new MemoryShards(SHARD, new MemoryShard(System::currentTimeMillis));
  private Server server;
  private ManagedChannel channel;
  private RemoteShards remote;

  @BeforeEach
  void start() throws Exception {
    serve(ShardLimits.DEFAULT);
  }

  private void serve(ShardLimits limits) throws Exception {
    server =
        ClusterTransport.server(new InetSocketAddress("127.0.0.1", 0), threads)
            .addService(new ShardEndpoint(served, limits, threads, System::nanoTime))
            .build()
            .start();
    channel = ClusterTransport.channel("127.0.0.1", server.getPort()).usePlaintext().build();
    remote = new RemoteShards(channel, "compute-1", timer, System::nanoTime);
  }

  @AfterEach
  void stop() throws Exception {
    remote.close();
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    timer.shutdownNow();
    threads.shutdownNow();
  }

  private void serveAgain(ShardLimits limits) throws Exception {
    remote.close();
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    serve(limits);
  }

  @Override
  protected ShardService service() {
    return remote;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(until);
      Thread.sleep(2);
    }
  }

  private ReadView openAll() {
    return remote.openView(
        new ReadRequest(SHARD, now(), KeyRange.ofTable(TABLE), List.of(KEY)), soon());
  }

  private BulkLoad begin() {
    return remote.beginBulk(
        new BulkRequest(SHARD, id(), now(), TABLE, List.of(KEY, LOADED), List.of(), true), soon());
  }

  private static Batch loaded(long from, int count) {
    return RowBatches.of(
        List.of(PhysicalType.BYTES, PhysicalType.LONG),
        LongStream.range(from, from + count).mapToObj(n -> new Object[] {key(n), n}).toList());
  }

  @Test
  void errorsCrossWithTheirHint() {
    served.owns(false);
    assertThatThrownBy(() -> now())
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
              assertThat(e.message()).isEqualTo("shard db/0 is not owned here");
              assertThat(e.hint()).isEqualTo("Ask its owner.");
            });
    served.failBeforeCall(() -> new IllegalStateException("a defect"));
    assertCode(ErrorCode.INTERNAL_ERROR, () -> now());
    assertCode(ErrorCode.INTERNAL_ERROR, () -> openAll());
    assertCode(ErrorCode.INTERNAL_ERROR, () -> begin());
  }

  @Test
  void rowsThatFailTheConditionsStayAtTheOwner() {
    for (long id = 0; id < 20; id++) {
      commit(now(), write(WriteKind.PUT, id, id));
    }
    var value = new Expr.Column(1, SqlType.BIGINT);
    Expr.Literal three = new Expr.Literal(3L, SqlType.BIGINT);
    Expr below = new Expr.Call(Fn.LT, List.of(value, three), SqlType.BOOLEAN);
    Expr sum = new Expr.Call(Fn.ADD, List.of(value, three), SqlType.BIGINT);
    Expr computed = new Expr.Call(Fn.GT, List.of(sum, three), SqlType.BOOLEAN);
    Expr both = new Expr.Call(Fn.AND, List.of(computed, below), SqlType.BOOLEAN);
    Expr ofAnotherType =
        new Expr.Call(
            Fn.EQ,
            List.of(new Expr.Column(1, SqlType.TEXT), new Expr.Literal(new byte[0], SqlType.TEXT)),
            SqlType.BOOLEAN);
    assertThat(tail()).isEqualTo(20);
    assertThat(tail(below)).isEqualTo(3);
    assertThat(tail(both)).as("what can be judged there, is").isEqualTo(3);
    assertThat(tail(computed)).as("arithmetic may fail, and is the reader's").isEqualTo(20);
    assertThat(tail(ofAnotherType)).isEqualTo(20);
    assertThat(tail(new Expr.Literal(null, SqlType.BOOLEAN))).isZero();
  }

  private int tail(Expr... conditions) {
    var request =
        new ReadRequest(
            SHARD, now(), KeyRange.ofTable(TABLE), List.of(KEY, LOADED), null, List.of(conditions));
    int rows = 0;
    try (ReadView view = remote.openView(request, soon());
        BatchSource tail = view.tail()) {
      for (Batch batch = tail.next(); batch != null; batch = tail.next()) {
        rows += batch.selected();
      }
    }
    return rows;
  }

  @Test
  void viewsAndLoadsEndWithTheirStream() throws Exception {
    commit(now(), write(WriteKind.PUT, 1, 1));
    ReadView view = openAll();
    BulkLoad load = begin();
    load.append(loaded(10, 5), soon());
    await(() -> served.openViews() == 1 && served.openLoads() == 1);
    view.close();
    load.close();
    await(() -> served.openViews() == 0 && served.openLoads() == 0);

    ReadView orphan = openAll();
    BulkLoad dropped = begin();
    dropped.append(loaded(20, 5), soon());
    await(() -> served.openViews() == 1 && served.openLoads() == 1);
    channel.shutdownNow();
    await(() -> served.openViews() == 0 && served.openLoads() == 0);
    assertCode(ErrorCode.SERIALIZATION_FAILURE, () -> dropped.commit(soon()));
    orphan.close();
    serveAgain(ShardLimits.DEFAULT);
    assertThat(scan(now(), KeyRange.ofTable(TABLE))).hasSize(1);
  }

  @Test
  void aSilentClientLosesItsPins() throws Exception {
    serveAgain(new ShardLimits(1 << 20, 2, 50, 60_000));
    ReadView view = openAll();
    BulkLoad load = begin();
    await(() -> served.openViews() == 0 && served.openLoads() == 0);
    assertCode(
        ErrorCode.SERIALIZATION_FAILURE,
        () -> {
          try (BatchSource tail = view.tail()) {
            assertThat(tail.next()).isNull();
          }
          load.append(loaded(1, 1), soon());
          load.commit(soon());
        });
  }

  @Test
  void oneClientMayOpenOnlySoMuch() throws Exception {
    serveAgain(new ShardLimits(1 << 20, 2, 15_000, 60_000));
    ReadView first = openAll();
    BulkLoad second = begin();
    assertCode(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, () -> openAll());
    assertCode(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, () -> begin());
    first.close();
    await(() -> served.openViews() == 0);
    openAll().close();
    second.close();
    byte[] large = new byte[2 << 20];
    assertCode(
        ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
        () ->
            commit(
                now(), new dev.sheaf.rpc.shard.ShardService.Write(key(1), WriteKind.PUT, large)));
  }

  @Test
  void aLoadIsNotFasterThanItsServer() throws Exception {
    var gate = new CountDownLatch(1);
    var slow = new SlowLoads(served, gate);
    server.shutdownNow().awaitTermination();
    server =
        ClusterTransport.server(new InetSocketAddress("127.0.0.1", 0), threads)
            .addService(new ShardEndpoint(slow, ShardLimits.DEFAULT, threads, System::nanoTime))
            .build()
            .start();
    channel.shutdownNow();
    channel = ClusterTransport.channel("127.0.0.1", server.getPort()).usePlaintext().build();
    remote = new RemoteShards(channel, "compute-1", timer, System::nanoTime);
    BulkLoad load = begin();
    int rows = 50_000;
    assertCode(
        ErrorCode.QUERY_CANCELED,
        () -> {
          for (int i = 0; i < 100; i++) {
            load.append(loaded(0, rows), Deadline.after(System.nanoTime(), 300));
          }
        });
    assertThat(load.rows()).isLessThan(100L * rows);
    gate.countDown();
    load.close();
    await(() -> served.openLoads() == 0);
  }

  @Test
  void theAnswerToACommitThatIsLostIsUnknown() {
    CommitRequest request = request(now(), write(WriteKind.PUT, 1, 1));
    served.failAfterCommit(() -> {
      server.shutdownNow();
      return new IllegalStateException("nobody hears this");
    });
    assertThatThrownBy(() -> remote.commit(request, soon()))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_COMPLETION_UNKNOWN))
        .hasMessageContaining(request.transaction().toString());
    // The server is gone now: what cannot be sent has not been done.
    assertCode(
        ErrorCode.CANNOT_CONNECT_NOW,
        () -> {
          while (true) {
            try {
              remote.commit(request, soon());
            } catch (SheafException e) {
              // The channel may take a moment to notice.
              if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
                throw e;
              }
            }
          }
        });
    assertCode(ErrorCode.IO_ERROR, () -> remote.status(SHARD, request.transaction(), soon()));
    assertThat(served.status(SHARD, request.transaction(), soon()))
        .isEqualTo(TransactionStatus.COMMITTED);
  }

  @Test
  void aLateAnswerToACommitIsUnknownToo() throws Exception {
    var gate = new CountDownLatch(1);
    served.failAfterCommit(() -> {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return new IllegalStateException("too late");
    });
    CommitRequest request = request(now(), write(WriteKind.PUT, 1, 1));
    assertCode(
        ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
        () -> remote.commit(request, Deadline.after(System.nanoTime(), 200)));
    gate.countDown();
  }

  @Test
  void manyReadersShareOneConnectionWithASlowOne() {
    for (int from = 0; from < 40_000; from += 4_000) {
      commit(
          now(),
          LongStream.range(from, from + 4_000)
              .mapToObj(n -> write(WriteKind.PUT, n, n))
              .toArray(ShardService.Write[]::new));
    }
    var slow = new ArrayList<ReadView>();
    for (int i = 0; i < 20; i++) {
      slow.add(openAll());
    }
    assertThat(scan(now(), KeyRange.ofTable(TABLE))).hasSize(40_000);
    slow.forEach(ReadView::close);
  }
}
