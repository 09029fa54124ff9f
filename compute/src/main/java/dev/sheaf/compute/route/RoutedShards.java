package dev.sheaf.compute.route;

import dev.sheaf.compute.route.NodePool.Node;
import dev.sheaf.compute.route.ShardOwners.Target;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.guard.CallGuards;
import dev.sheaf.rpc.shard.ShardConnection;
import dev.sheaf.rpc.shard.ShardService;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a cluster, wherever they are. Each call goes to the shard's owner; when that has
 * gone or never was, the call goes to the next owner, until the deadline. Calls to a node whose
 * lease has ended break at once, whether or not its connection does. Thread-safe.
 *
 * <table>
 * <caption>What is repeated</caption>
 * <tr><td>snapshot, get, status, sizes, branch, plan of a sweep</td><td>always: 57P03, 57P01, 58030, an attempt that took too
 * long</td></tr>
 * <tr><td>a check</td><td>before its first word</td></tr>
 * <tr><td>opening a view, beginning a load</td><td>always; what was opened ends with its
 * stream</td></tr>
 * <tr><td>a view's tail</td><td>before its first rows, if the new owner names the same segments;
 * else 40001</td></tr>
 * <tr><td>commit</td><td>57P03 and 57P01 only: refused before anything was done, or never sent; all
 * else is the caller's, 40003 among it</td></tr>
 * <tr><td>a load that has begun</td><td>never: only the client has its rows</td></tr>
 * </table>
 */
public final class RoutedShards implements ShardService, AutoCloseable {
  private final ShardOwners owners;
  private final NodePool nodes;
  private final RoutePolicy policy;
  private final TimeSource time;
  private final RandomGenerator random;

  /**
   * @param connector opens the way to a page server; must not block
   * @param guards stand before the short calls that may be repeated
   * @param random thread-safe; spreads repetitions
   */
  public RoutedShards(
      ShardOwners owners,
      Function<Target, ShardConnection> connector,
      CallGuards guards,
      RoutePolicy policy,
      TimeSource time,
      RandomGenerator random) {
    this.owners = owners;
    this.nodes = new NodePool(connector, guards, policy.maxNodes());
    this.policy = policy;
    this.time = time;
    this.random = random;
    owners.onChange(() -> nodes.dropGone(owners::presence));
  }

  @Override
  public Snapshot snapshot(ShardId shard, Deadline deadline) {
    return read(shard, deadline, (shards, until) -> shards.snapshot(shard, until));
  }

  @Override
  public Timestamp catalogVersionAt(ShardId shard, Timestamp timestamp, Deadline deadline) {
    return read(
        shard, deadline, (shards, until) -> shards.catalogVersionAt(shard, timestamp, until));
  }

  @Override
  public List<byte @Nullable []> get(
      ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    return read(shard, deadline, (shards, until) -> shards.get(shard, snapshot, keys, until));
  }

  @Override
  public TransactionStatus status(ShardId shard, TransactionId transaction, Deadline deadline) {
    return read(shard, deadline, (shards, until) -> shards.status(shard, transaction, until));
  }

  @Override
  public TableSize sizeOf(ShardId shard, int tableId, Deadline deadline) {
    return read(shard, deadline, (shards, until) -> shards.sizeOf(shard, tableId, until));
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    // It may have to wait for a flush, so an attempt is not cut short; repeating it is harmless.
    route(
        parent,
        deadline,
        node -> {
          node.shards().branch(parent, child, at, deadline);
          return Boolean.TRUE;
        },
        RoutedShards::isRepeatable);
  }

  /** Begun anew elsewhere only as long as the listener has heard nothing. */
  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    var once = new HeardOnce(listener);
    return route(
        shard,
        deadline,
        node -> node.shards().check(shard, once, deadline),
        error -> !once.hasHeard() && isRepeatable(error));
  }

  @Override
  public SweepPlan planSweep(ShardId shard, Deadline deadline) {
    // It lists the shard's objects, so an attempt is not cut short.
    return route(
        shard,
        deadline,
        node -> node.shards().planSweep(shard, deadline),
        RoutedShards::isRepeatable);
  }

  @Override
  public ReadView openView(ReadRequest request, Deadline deadline) {
    return new RoutedView(
        open(request, deadline),
        request,
        () -> open(request, deadline),
        RoutedShards::isRepeatable);
  }

  private ReadView open(ReadRequest request, Deadline deadline) {
    return read(request.shard(), deadline, (shards, until) -> shards.openView(request, until));
  }

  @Override
  public BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    return route(
        request.shard(),
        deadline,
        node -> node.shards().beginBulk(request, deadline),
        RoutedShards::isRepeatable);
  }

  @Override
  public CommitResult commit(CommitRequest request, Deadline deadline) {
    return route(
        request.shard(),
        deadline,
        node -> node.shards().commit(request, deadline),
        RoutedShards::isRefused);
  }

  /** Nothing was done: another owner may be asked to do it. */
  private static boolean isRefused(SheafException error) {
    return error.code() == ErrorCode.CANNOT_CONNECT_NOW || error.code() == ErrorCode.ADMIN_SHUTDOWN;
  }

  /** For what may be done twice. */
  private static boolean isRepeatable(SheafException error) {
    return isRefused(error) || error.code() == ErrorCode.IO_ERROR;
  }

  /** A short call that may be done twice; each attempt has a part of the time. */
  private <T> T read(ShardId shard, Deadline deadline, BiFunction<ShardService, Deadline, T> call) {
    long[] attemptMillis = {policy.attemptMillis()};
    return route(
        shard,
        deadline,
        node -> {
          Deadline attempt = Deadline.after(time.nanoTime(), attemptMillis[0]);
          attemptMillis[0] *= 2;
          boolean last = attempt.nanoTime() - deadline.nanoTime() >= 0;
          return node.guard().call(() -> call.apply(node.shards(), last ? deadline : attempt));
        },
        error ->
            isRepeatable(error)
                || (error.code() == ErrorCode.QUERY_CANCELED
                    && !Thread.currentThread().isInterrupted()));
  }

  private <T> T route(
      ShardId shard,
      Deadline deadline,
      Function<Node, T> call,
      java.util.function.Predicate<SheafException> repeatable) {
    var search = new OwnerSearch(shard, owners, policy, time, random);
    while (true) {
      Target target = search.next(deadline);
      Node node = nodes.get(target);
      try {
        return call.apply(node);
      } catch (SheafException e) {
        if (!repeatable.test(e) || deadline.isExpired(time.nanoTime())) {
          throw e;
        }
        search.failed(target, e, node.guard());
        node.connection().reconnectSoon();
      }
    }
  }

  /** Closes the connections, and with them views and loads; other calls under way may end. */
  @Override
  public void close() {
    nodes.close();
  }
}
