package dev.sheaf.compute.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.compute.route.ShardOwners.Target;
import dev.sheaf.compute.storage.TransactionIds;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.row.Row;
import dev.sheaf.protocol.row.RowCodec;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.guard.CallGuards;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.rpc.shard.grpc.ShardChannel;
import dev.sheaf.rpc.shard.grpc.ShardEndpoint;
import dev.sheaf.rpc.shard.grpc.ShardLimits;
import dev.sheaf.testkit.shard.MemoryShard;
import dev.sheaf.testkit.shard.MemoryShards;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Counting while page servers are killed: the counter is exactly what was acknowledged or resolved
 * as committed, over real sockets.
 */
final class CommitsUnderFailoverTest {
  private static final long SEED = Long.getLong("sheaf.seed", System.nanoTime());
  private static final ShardId SHARD = ShardId.root(new DatabaseId("db"));
  private static final byte[] KEY = TableKey.encodeRowId(TableDescriptor.FIRST_USER_TABLE_ID, 1);
  private static final int CLIENTS = 6;
  private static final int INCREMENTS = 60;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final MemoryShard data = new MemoryShard(System::currentTimeMillis);
  private final RandomGenerator random = new Random(SEED);
  private final TransactionIds ids = new TransactionIds(random);
  private final AtomicInteger unknown = new AtomicInteger();
  private volatile List<Target> candidates = List.of();
  private final RoutedShards routed =
      new RoutedShards(
          shard -> candidates,
          target ->
              ShardChannel.to(
                  target.address(),
                  "test",
                  timer,
                  System::nanoTime,
                  NettyChannelBuilder::usePlaintext),
          CallGuards.NONE,
          RoutePolicy.DEFAULT,
          TimeSource.SYSTEM,
          random);

  @AfterEach
  void stop() {
    routed.close();
    threads.shutdownNow();
    timer.shutdownNow();
  }

  private Server serve() throws IOException {
    var endpoint =
        new ShardEndpoint(
            new MemoryShards(SHARD, data), ShardLimits.DEFAULT, threads, System::nanoTime);
    return ClusterTransport.server(new InetSocketAddress("127.0.0.1", 0), threads)
        .addService(endpoint)
        .build()
        .start();
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  private static byte[] row(long value) {
    return RowCodec.encode(
        new Row(new int[] {2}, new PhysicalType[] {PhysicalType.LONG}, new Object[] {value}));
  }

  private long counter(Timestamp at) {
    byte[] row = routed.get(SHARD, at, List.of(KEY), soon()).getFirst();
    return row == null ? 0 : (Long) RowCodec.decode(row).values()[0];
  }

  /** Adds one, in a new transaction after each conflict. */
  private void increment() {
    while (true) {
      Timestamp snapshot = routed.snapshot(SHARD, soon()).timestamp();
      var write = new Write(KEY, WriteKind.PUT, row(counter(snapshot) + 1));
      TransactionId id = ids.begunAt(snapshot);
      try {
        CommitResult unused =
            routed.commit(
                new CommitRequest(SHARD, id, snapshot, List.of(write), List.of()), soon());
        return;
      } catch (SheafException e) {
        if (e.code() == ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
          unknown.incrementAndGet();
          assertThat(e.message()).contains(id.toString());
          if (routed.status(SHARD, id, soon()) == TransactionStatus.COMMITTED) {
            return;
          }
        } else if (e.code() != ErrorCode.SERIALIZATION_FAILURE) {
          throw e;
        }
      }
    }
  }

  @Test
  void everyIncrementCountsOnce() throws Exception {
    Server server = serve();
    candidates = List.of(new Target("node-0", 0, "127.0.0.1:" + server.getPort()));
    var clients = new ArrayList<Future<?>>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(
          threads.submit(() -> {
            for (int n = 0; n < INCREMENTS; n++) {
              increment();
            }
          }));
    }
    int incarnation = 0;
    while (clients.stream().anyMatch(client -> !client.isDone())) {
      TimeUnit.MILLISECONDS.sleep(20);
      Server next = serve();
      server.shutdownNow();
      TimeUnit.MILLISECONDS.sleep(random.nextInt(10));
      incarnation++;
      candidates =
          List.of(
              new Target("node-" + incarnation % 2, incarnation, "127.0.0.1:" + next.getPort()));
      server = next;
    }
    for (Future<?> client : clients) {
      client.get();
    }
    assertThat(counter(routed.snapshot(SHARD, soon()).timestamp()))
        .as("seed %s, %s kills, %s lost answers", SEED, incarnation, unknown)
        .isEqualTo(CLIENTS * INCREMENTS);
    server.shutdownNow();
  }
}
