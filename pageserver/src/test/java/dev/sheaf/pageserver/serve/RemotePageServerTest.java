package dev.sheaf.pageserver.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.rpc.shard.grpc.ShardChannel;
import dev.sheaf.rpc.shard.grpc.ShardEndpoint;
import dev.sheaf.rpc.shard.grpc.ShardLimits;
import dev.sheaf.testkit.shard.ShardServiceContract;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract over a real socket, and answers that get lost there. */
final class RemotePageServerTest extends ShardServiceContract {
  @TempDir Path scratch;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private Harness harness;
  private PageServer server;
  private Server socket;
  private ShardChannel channel;

  @BeforeEach
  void start() throws IOException {
    harness = new Harness(scratch);
    serve();
  }

  /** Another node over the same stores. */
  private void serve() throws IOException {
    server = harness.start(Harness.ROOMY);
    socket =
        ClusterTransport.server(new InetSocketAddress("127.0.0.1", 0), threads)
            .addService(new ShardEndpoint(server, ShardLimits.DEFAULT, threads, System::nanoTime))
            .build()
            .start();
    channel =
        ShardChannel.to(
            "127.0.0.1:" + socket.getPort(),
            "test",
            timer,
            System::nanoTime,
            NettyChannelBuilder::usePlaintext);
  }

  @AfterEach
  void stop() {
    channel.close();
    socket.shutdownNow();
    timer.shutdownNow();
    threads.shutdownNow();
  }

  @Override
  protected ShardService service() {
    return channel.shards();
  }

  @Override
  protected SegmentReader open(SegmentView segment) {
    return harness.segments.open(segment.objectKey(), segment.sizeBytes());
  }

  @Test
  void checksAndPlansCrossTheWireAndEndWithWhoAsks() {
    commit(now(), write(WriteKind.PUT, 1, 1));
    server.flush(SHARD, soon());
    Manifest newest = new ManifestStore(harness.objects, new ShardObjects(SHARD)).newest(Lsn.ZERO);
    String segment = newest.segments().getFirst().objectKey();
    String later = new ShardObjects(SHARD).deletes(new Term(99), 1);
    harness.objects.put(later, new byte[5]);
    assertThat(service().planSweep(SHARD, soon()))
        .isEqualTo(new SweepPlan(List.of(new Leftover(later, 5, Fate.IN_FLIGHT, 0, null)), 0))
        .isEqualTo(server.planSweep(SHARD, soon()));

    var heard = new ArrayList<Object>();
    Checked clean = service().check(SHARD, listener(heard), soon());
    assertThat(clean.rows()).isEqualTo(1);
    assertThat(heard).isNotEmpty().allMatch(Checked.class::isInstance);
    harness.objects.delete(segment);
    heard.clear();
    Checked damaged = service().check(SHARD, listener(heard), soon());
    assertThat(damaged.findings()).isEqualTo(1);
    assertThat(heard).contains(new Finding(segment, "it is missing"));

    // A listener that gives up ends the check there, too: the next one is not refused.
    assertThatThrownBy(() ->
            service().check(SHARD, listener(new ArrayList<>(Collections.nCopies(5, 0))), soon()))
        .hasMessage("heard enough");
    Deadline deadline = soon();
    while (true) {
      try {
        assertThat(service().check(SHARD, listener(new ArrayList<>()), deadline))
            .isEqualTo(damaged);
        break;
      } catch (SheafException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED);
      }
    }
  }

  private static CheckListener listener(List<Object> heard) {
    return new CheckListener() {
      @Override
      public void progress(Checked soFar) {
        heard(soFar);
      }

      @Override
      public void found(Finding finding) {
        heard(finding);
      }

      private void heard(Object what) {
        if (heard.size() >= 5) {
          throw new IllegalStateException("heard enough");
        }
        heard.add(what);
      }
    };
  }

  @Test
  void aCommitWhoseAnswerIsLostIsFoundCommittedByTheNextOwner() throws Exception {
    CommitRequest request = request(now(), write(WriteKind.INSERT, 1, 1));
    harness.log(SHARD).holdCommits();
    ShardService first = service();
    var answer = new CompletableFuture<CommitResult>();
    threads.execute(() -> {
      try {
        answer.complete(first.commit(request, soon()));
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    while (harness.log(SHARD).recordCount() == 0) {
      Thread.onSpinWait();
    }
    // The quorum has the record, but the owner is cut off before it can say so.
    socket.shutdownNow().awaitTermination();
    harness.log(SHARD).releaseCommits();
    assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_COMPLETION_UNKNOWN))
        .hasMessageContaining(request.transaction().toString());
    server.abandon();
    channel.close();

    serve();
    assertThat(service().status(SHARD, request.transaction(), soon()))
        .isEqualTo(TransactionStatus.COMMITTED);
    CommitResult again = service().commit(request, soon());
    assertThat(scan(again.timestamp(), KeyRange.ofTable(TABLE)))
        .isEqualTo(new TreeMap<>(Map.of(1L, 1L)));
  }
}
