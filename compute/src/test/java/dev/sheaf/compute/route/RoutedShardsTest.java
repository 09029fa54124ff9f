package dev.sheaf.compute.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.compute.route.ShardOwners.Presence;
import dev.sheaf.compute.route.ShardOwners.Target;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.guard.CallGuard;
import dev.sheaf.rpc.guard.CallGuards;
import dev.sheaf.rpc.shard.ShardConnection;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.BulkLoad;
import dev.sheaf.rpc.shard.ShardService.BulkRequest;
import dev.sheaf.rpc.shard.ShardService.ColumnRequest;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.WriteKind;
import dev.sheaf.testkit.shard.MemoryShard;
import dev.sheaf.testkit.shard.MemoryShards;
import dev.sheaf.testkit.shard.ShardServiceContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The contract through a router, and owners that come and go. */
final class RoutedShardsTest extends ShardServiceContract {
  private static final ColumnRequest KEY =
      new ColumnRequest(ColumnRequest.KEY_COLUMN, PhysicalType.BYTES, null);
  private static final Target A = new Target("a", 1, "a:1");
  private static final Target B = new Target("b", 1, "b:1");

  private final MemoryShard data = new MemoryShard(System::currentTimeMillis);
  private final Map<String, MemoryShards> servers =
      Map.of("a", new MemoryShards(SHARD, data), "b", new MemoryShards(SHARD, data));
  private final List<String> closed = new ArrayList<>();
  private volatile List<Target> candidates = List.of(A);
  private final RoutedShards routed = router(CallGuards.NONE);

  private RoutedShards router(CallGuards guards) {
    return new RoutedShards(
        shard -> candidates,
        this::connect,
        guards,
        RoutePolicy.DEFAULT,
        TimeSource.SYSTEM,
        new Random(1));
  }

  private ShardConnection connect(Target target) {
    return new ShardConnection() {
      @Override
      public ShardService shards() {
        return servers.get(target.node());
      }

      @Override
      public void close() {
        closed.add(target.node() + target.incarnation());
      }
    };
  }

  private MemoryShards server(String node) {
    return servers.get(node);
  }

  @Override
  protected ShardService service() {
    return routed;
  }

  private static Supplier<RuntimeException> error(ErrorCode code) {
    return () -> new SheafException(code, "injected");
  }

  private static Deadline in(long millis) {
    return Deadline.after(System.nanoTime(), millis);
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

  @Test
  void callsFollowTheShardToItsOwner() throws Exception {
    server("a").owns(false);
    candidates = List.of(A, B);
    CommitRequest request = request(now(), write(WriteKind.PUT, 1, 1));
    CommitResult result = routed.commit(request, soon());
    assertThat(result.timestamp()).isNotNull();
    assertThat(server("a").calls()).isEqualTo(2);

    // Nobody owns it for a while; who waits is served by the next owner.
    server("b").owns(false);
    candidates = List.of(B);
    var commit = start(() -> commit(now(), write(WriteKind.PUT, 2, 2)));
    var read = start(() -> scan(now(), KeyRange.ofTable(TABLE)).size());
    int before = server("b").calls();
    while (server("b").calls() < before + 4) {
      Thread.onSpinWait();
    }
    candidates = List.of(A);
    server("a").owns(true);
    commit.get(20, TimeUnit.SECONDS);
    assertThat(read.get(20, TimeUnit.SECONDS)).isPositive();
    assertThat(scan(now(), KeyRange.ofTable(TABLE))).hasSize(2);
  }

  @Test
  void aCommitIsRepeatedOnlyWhenItWasSurelyNotCarriedOut() {
    candidates = List.of(A, B);
    for (ErrorCode certain : List.of(ErrorCode.CANNOT_CONNECT_NOW, ErrorCode.ADMIN_SHUTDOWN)) {
      server("a").failBeforeCall(error(certain));
      CommitRequest request = request(now(), write(WriteKind.PUT, 1, 1));
      int calls = server("b").calls();
      CommitResult result = routed.commit(request, soon());
      assertThat(result.timestamp()).isNotNull();
      assertThat(server("b").calls()).isEqualTo(calls + 1);
    }
    server("a").failBeforeCall(null);
    for (ErrorCode open :
        List.of(
            ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
            ErrorCode.IO_ERROR,
            ErrorCode.QUERY_CANCELED,
            ErrorCode.INTERNAL_ERROR,
            ErrorCode.SERIALIZATION_FAILURE)) {
      CommitRequest request = request(now(), write(WriteKind.PUT, 1, 1));
      server("a").failAfterCommit(error(open));
      int calls = server("b").calls();
      assertCode(open, () -> routed.commit(request, soon()));
      assertThat(server("b").calls()).isEqualTo(calls);
      // Asking for the outcome may be repeated, at whoever owns the shard by then.
      server("a").failBeforeCall(error(ErrorCode.IO_ERROR));
      assertThat(routed.status(SHARD, request.transaction(), soon()))
          .isEqualTo(TransactionStatus.COMMITTED);
      server("a").failBeforeCall(null);
      server("a").failAfterCommit(null);
    }
  }

  @Test
  void theDeadlineEndsTheSearch() {
    candidates = List.of();
    assertCode(ErrorCode.CANNOT_CONNECT_NOW, () -> routed.snapshot(SHARD, in(50)));
    candidates = List.of(A, B);
    server("a").owns(false);
    server("b").failBeforeCall(error(ErrorCode.IO_ERROR));
    assertThatThrownBy(() -> routed.snapshot(SHARD, in(100))).isInstanceOf(SheafException.class);
    assertCode(
        ErrorCode.IO_ERROR,
        () -> routed.commit(request(data(), write(WriteKind.PUT, 1, 1)), in(100)));
    candidates = List.of(B);
    assertThatThrownBy(() -> routed.snapshot(SHARD, in(100)))
        .as("it says which node is meant")
        .hasMessageContaining("b: injected");
    candidates = List.of(A, B);
    // Errors of the request itself are answers.
    server("a").owns(true);
    server("b").failBeforeCall(null);
    int calls = server("a").calls() + server("b").calls();
    assertCode(
        ErrorCode.INVALID_PARAMETER_VALUE,
        () -> routed.get(SHARD, dev.sheaf.protocol.Timestamp.MAX, List.of(key(1)), soon()));
    assertThat(server("a").calls() + server("b").calls()).isEqualTo(calls + 1);
  }

  @Test
  void anAttemptThatTakesTooLongIsRepeatedElsewhere() {
    candidates = List.of(A, B);
    server("a").failBeforeCall(error(ErrorCode.QUERY_CANCELED));
    assertThat(scan(now(), KeyRange.ofTable(TABLE))).isEmpty();
    assertThat(server("a").calls()).isPositive();
    assertCode(ErrorCode.QUERY_CANCELED, () -> routed.snapshot(SHARD, in(0)));
    assertCode(
        ErrorCode.QUERY_CANCELED,
        () -> routed.commit(request(data(), write(WriteKind.PUT, 1, 1)), soon()));
  }

  /** A snapshot past the router. */
  private dev.sheaf.protocol.Timestamp data() {
    var direct = new MemoryShards(SHARD, data);
    return direct.snapshot(SHARD, soon()).timestamp();
  }

  @Test
  void aReadSurvivesItsOwnerUntilTheFirstRowsAreOut() {
    for (int i = 0; i < 3_000; i++) {
      commit(now(), write(WriteKind.PUT, i, i));
    }
    candidates = List.of(A, B);
    var request = new ReadRequest(SHARD, now(), KeyRange.ofTable(TABLE), List.of(KEY));
    try (ReadView view = routed.openView(request, soon());
        BatchSource tail = view.tail()) {
      server("a").owns(false);
      int rows = 0;
      for (var batch = tail.next(); batch != null; batch = tail.next()) {
        rows += batch.selected();
      }
      assertThat(rows).isEqualTo(3_000);
      assertThat(server("b").openViews()).isEqualTo(1);
    }
    server("a").owns(true);
    try (ReadView view = routed.openView(request, soon());
        BatchSource tail = view.tail()) {
      assertThat(tail.next()).isNotNull();
      server("a").owns(false);
      assertCode(ErrorCode.SERIALIZATION_FAILURE, tail::next);
    }
    assertThat(server("a").openViews() + server("b").openViews()).isZero();
  }

  @Test
  void aLoadBeginsWhereverTheOwnerIs() {
    server("a").failBeforeCall(error(ErrorCode.IO_ERROR));
    candidates = List.of(A, B);
    var request = new BulkRequest(SHARD, id(), now(), TABLE, List.of(KEY), List.of(), true);
    try (BulkLoad load = routed.beginBulk(request, soon())) {
      server("b").failAfterCommit(error(ErrorCode.STATEMENT_COMPLETION_UNKNOWN));
      assertCode(ErrorCode.STATEMENT_COMPLETION_UNKNOWN, () -> load.commit(soon()));
    }
    assertThat(server("b").openLoads()).isZero();
  }

  @Test
  void aNodeThatStartedAnewGetsANewConnection() {
    assertThat(now()).isNotNull();
    candidates = List.of(new Target("a", 2, "a:2"));
    assertThat(now()).isNotNull();
    assertThat(closed).containsExactly("a1");
    routed.close();
    assertThat(closed).containsExactly("a1", "a2");
  }

  /** One that is cut off breaks no connection by itself. */
  @Test
  void callsToANodeThatIsGoneWithoutNoticeAreBroken() throws Exception {
    var owners = new ChangingOwners();
    var hungUp = new CompletableFuture<Void>();
    var way =
        new ShardConnection() {
          @Override
          public ShardService shards() {
            return server("a");
          }

          @Override
          public void hangUp() {
            hungUp.complete(null);
          }

          @Override
          public void close() {
            throw new AssertionError("a call is under way");
          }
        };
    var asked = new CompletableFuture<Void>();
    server("a")
        .failBeforeCall(() -> {
          asked.complete(null);
          hungUp.join();
          return new SheafException(ErrorCode.IO_ERROR, "broken");
        });
    var router =
        new RoutedShards(
            owners,
            target -> target.equals(A) ? way : connect(target),
            CallGuards.NONE,
            RoutePolicy.DEFAULT,
            TimeSource.SYSTEM,
            new Random(1));
    candidates = List.of(A, B);
    var read = start(() -> router.snapshot(SHARD, soon()));
    asked.get(20, TimeUnit.SECONDS);
    // Whoever leaves in order ends its calls itself.
    owners.say(Presence.LEAVING);
    owners.say(Presence.GONE);
    assertThat(hungUp).isNotDone();
    owners.say(Presence.THERE);
    owners.say(Presence.GONE);
    assertThat(hungUp).isDone();
    assertThat(read.get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(server("b").calls()).isPositive();
  }

  private final class ChangingOwners implements ShardOwners {
    private final List<Runnable> listeners = new ArrayList<>();
    private Presence presence = Presence.THERE;

    void say(Presence next) {
      presence = next;
      listeners.forEach(Runnable::run);
    }

    @Override
    public List<Target> candidates(dev.sheaf.protocol.ShardId shard) {
      return candidates;
    }

    @Override
    public Presence presence(Target target) {
      return target.equals(A) ? presence : Presence.THERE;
    }

    @Override
    public void onChange(Runnable listener) {
      listeners.add(listener);
    }
  }

  @Test
  void aGuardThatRefusesSendsTheCallElsewhere() {
    RoutedShards guarded =
        router(target ->
            target.endsWith(" a")
                ? new CallGuard() {
                  @Override
                  public <T> T call(Supplier<T> call) {
                    throw new SheafException(ErrorCode.CANNOT_CONNECT_NOW, "left alone");
                  }
                }
                : CallGuard.OPEN);
    candidates = List.of(A, B);
    assertThat(guarded.snapshot(SHARD, soon())).isNotNull();
    assertThat(server("a").calls()).isZero();
    // A commit is not guarded: its errors must be those of the page server.
    CommitRequest request = request(data(), write(WriteKind.PUT, 1, 1));
    assertThat(guarded.commit(request, soon()).timestamp()).isNotNull();
    assertThat(server("a").calls()).isEqualTo(1);
    assertThat(scan(now(), KeyRange.ofTable(TABLE))).isEqualTo(new TreeMap<>(Map.of(1L, 1L)));
  }
}
