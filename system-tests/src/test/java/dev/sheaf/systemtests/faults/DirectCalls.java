package dev.sheaf.systemtests.faults;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.rpc.shard.grpc.ShardChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Asks one page server for a shard, whatever anybody says about who owns it. */
final class DirectCalls implements AutoCloseable {
  private static final int THREADS = 4;

  /** In no table, so that no client ever sees it. */
  private static final byte[] KEY = "~~~~ nobody's row".getBytes(StandardCharsets.US_ASCII);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ShardChannel channel;
  private final ShardId shard;
  private final Timestamp snapshot;
  private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final List<Thread> asking = new ArrayList<>();
  private volatile boolean stopping;

  /** The page server has to be the owner at this moment. */
  DirectCalls(String address, String databaseId) {
    this.channel =
        ShardChannel.to(
            address, "fault-test", timer, System::nanoTime, NettyChannelBuilder::usePlaintext);
    this.shard = ShardId.root(new DatabaseId(databaseId));
    this.snapshot = channel.shards().snapshot(shard, soon()).timestamp();
  }

  /** Fresh reads and commits from now on, without a pause. */
  void ask() {
    for (int i = 0; i < THREADS; i++) {
      asking.add(Thread.ofVirtual().start(this::askUntilStopped));
    }
  }

  private void askUntilStopped() {
    while (!stopping) {
      ask("a fresh read", shards -> shards.snapshot(shard, soon()).timestamp().toString());
      ask("a commit", shards -> shards.commit(request(), soon()).timestamp().toString());
    }
  }

  private CommitRequest request() {
    var write = new Write(KEY, WriteKind.PUT, new byte[] {1});
    return new CommitRequest(
        shard, new TransactionId(UUID.randomUUID()), snapshot, List.of(write), List.of());
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 5_000);
  }

  private void ask(String what, Function<ShardService, String> call) {
    try {
      accepted.add(what + ": " + call.apply(channel.shards()));
    } catch (SheafException e) {
      refused.incrementAndGet();
    }
  }

  /** Returns how many calls were refused. */
  int stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : asking) {
      thread.join();
    }
    return refused.get();
  }

  /** What it answered as an owner would. */
  List<String> accepted() {
    return List.copyOf(accepted);
  }

  @Override
  public void close() {
    stopping = true;
    channel.close();
    timer.shutdownNow();
  }
}
