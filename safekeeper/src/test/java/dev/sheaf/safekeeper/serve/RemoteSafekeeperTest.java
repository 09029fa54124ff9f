package dev.sheaf.safekeeper.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.rpc.log.grpc.RemoteSafekeeper;
import dev.sheaf.rpc.log.grpc.SafekeeperEndpoint;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.journal.MemoryStorage;
import dev.sheaf.testkit.log.SafekeeperContract;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract over a real socket. */
final class RemoteSafekeeperTest extends SafekeeperContract {
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final MemoryStorage storage = new MemoryStorage();
  private Safekeeper safekeeper;
  private SafekeeperEndpoint endpoint;
  private Server server;
  private ManagedChannel channel;
  private SafekeeperService remote;

  @BeforeEach
  void start() throws Exception {
    Journal journal =
        Journal.open(
            storage,
            JournalSettings.DEFAULT,
            new NodeId("a"),
            1,
            Thread.ofPlatform().name("journal").daemon().factory(),
            error -> {});
    safekeeper = new Safekeeper(journal, Runnable::run, executor);
    server = listen(0);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    remote = new RemoteSafekeeper(channel, System::nanoTime);
  }

  private Server listen(int port) throws IOException {
    endpoint = new SafekeeperEndpoint(safekeeper, System::nanoTime);
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .maxInboundMessageSize(SafekeeperEndpoint.MAX_MESSAGE_BYTES)
        .directExecutor()
        .addService(endpoint)
        .build()
        .start();
  }

  @AfterEach
  void stop() throws Exception {
    storage.releaseForces();
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
    safekeeper.close();
    executor.close();
  }

  @Override
  protected SafekeeperService service() {
    return remote;
  }

  private CompletableFuture<Reply> vote(long timeoutMillis) {
    Configuration one = Configuration.of(1, List.of(new Member(new NodeId("a"), 1)));
    return remote.request(
        ShardId.root(new DatabaseId("db")),
        new Request.Vote(new Term(1), -5, one),
        Deadline.after(System.nanoTime(), timeoutMillis));
  }

  /** A request that failed is repeated, as by a proposer. */
  private Reply voteUntilItIsThere() throws Exception {
    long begun = System.nanoTime();
    while (true) {
      channel.resetConnectBackoff();
      try {
        return vote(20_000).get(20, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(20)) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  private static void assertCode(ErrorCode code, CompletableFuture<?> future) {
    assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void aSlowDiskIsCutOffByTheDeadlineAndTheRequestMayBeRepeated() throws Exception {
    storage.holdForces();
    CompletableFuture<Reply> patient = vote(20_000);
    assertCode(ErrorCode.QUERY_CANCELED, vote(100));
    assertCode(ErrorCode.IO_ERROR, patient);
    storage.releaseForces();
    assertThat(vote(20_000).get(20, TimeUnit.SECONDS)).isInstanceOf(Reply.Standing.class);
  }

  @Test
  void aServerThatIsGoneIsNamedAsSuch() throws Exception {
    server.shutdownNow().awaitTermination();
    assertCode(ErrorCode.IO_ERROR, vote(20_000));
  }

  @Test
  void whoeverComesWhileAServerStopsIsTurnedAway() throws Exception {
    storage.holdForces();
    endpoint.close();
    assertCode(ErrorCode.IO_ERROR, vote(60_000));
  }

  @Test
  void aServerThatStopsLeavesNobodyWaitingAndIsFoundAgain() throws Exception {
    storage.holdForces();
    CompletableFuture<Reply> asked = vote(60_000);
    int port = server.getPort();
    server.shutdown();
    endpoint.close();
    assertCode(ErrorCode.IO_ERROR, asked);
    assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    storage.releaseForces();

    server = listen(port);
    assertThat(voteUntilItIsThere()).isInstanceOf(Reply.Standing.class);
  }
}
