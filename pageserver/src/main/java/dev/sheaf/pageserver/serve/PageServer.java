package dev.sheaf.pageserver.serve;

import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.NodeId;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.flush.MemtableBudget;
import dev.sheaf.pageserver.grant.Assignments;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.rpc.shard.ShardService;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Hosts the shards of many databases, as far as they are assigned to this node. A shard is opened
 * by the first request for it, or ahead of requests by {@link #open}, and stays open; one that has
 * lost its log or its grant is opened again by the next request. Thread-safe.
 */
public final class PageServer implements ShardService, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PageServer.class.getName());
  private static final long CLOSE_MILLIS = 30_000;

  /** What is not flushed at the end has to be replayed at the next start. */
  private static final long CLOSE_FLUSH_MILLIS = 600_000;

  /**
   * Of one shard's hand-over, beyond the flush ahead of it. Its requests are answered meanwhile.
   */
  private static final long LEAVE_HOT_PAGES_MILLIS = 1_000;

  private static final long CLOSE_HOT_PAGES_MILLIS = 5_000;

  /** Opening has its own deadline: a long replay must not fail because a caller is impatient. */
  private static final long OPEN_MILLIS = 120_000;

  /** One takes some 50 MiB out of what is left of the heap. */
  private static final int CHECKS = 1;

  private final PageServerPorts ports;
  private final Grants grants;
  private final Assignments assignments;
  private final MemtableBudget budget;
  private final PageServerShares shares;
  private final ShardOpener opener;
  private final HotPageLists hotPages;
  private final Map<ShardId, CompletableFuture<OwnedShard>> shards = new ConcurrentHashMap<>();

  /** Why shards were closed, or not opened, until they are open: at most one line for each. */
  private final Map<ShardId, String> failures = new ConcurrentHashMap<>();

  private final Semaphore checking = new Semaphore(CHECKS);
  private final AtomicBoolean maintaining = new AtomicBoolean();
  private final LongAdder requests = new LongAdder();
  private volatile boolean closed;

  /** A page server that is alone: all shards are its own, on a lease of its own. */
  public PageServer(PageServerPorts ports, PageServerConfig config) {
    this(
        ports,
        config,
        new Grants(ports.coordination(), ports.node(), config.leaseMillis(), ports.nanoClock()),
        Assignments.ALL);
  }

  /** One of several page servers: owns what is assigned to it, on its process's lease. */
  public PageServer(
      PageServerPorts ports, PageServerConfig config, NodeLease lease, Assignments assignments) {
    this(ports, config, new Grants(ports.coordination(), ports.node(), lease), assignments);
  }

  private PageServer(
      PageServerPorts ports, PageServerConfig config, Grants grants, Assignments assignments) {
    this.ports = ports;
    this.grants = grants;
    this.assignments = assignments;
    this.budget =
        new MemtableBudget(config.allMemtablesBytes(), ports.nanoClock(), this::flushLargest);
    this.shares =
        new PageServerShares(
            new Semaphore(config.bulkLoads(), true),
            new CompactionPool(config.compaction().parallelism(), ports.background()),
            new StoreTotals());
    this.opener = new ShardOpener(ports, config, grants, budget, shares);
    this.hotPages = new HotPageLists(ports.warmUps(), ports.background(), ports.nanoClock());
  }

  @Override
  public Snapshot snapshot(ShardId shard, Deadline deadline) {
    return owned(shard, deadline).reads().snapshot(deadline);
  }

  @Override
  public Timestamp catalogVersionAt(ShardId shard, Timestamp timestamp, Deadline deadline) {
    return owned(shard, deadline).reads().catalogVersionAt(timestamp, deadline);
  }

  @Override
  public List<byte @Nullable []> get(
      ShardId shard, Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    return owned(shard, deadline).inUse().reads().get(snapshot, keys, deadline);
  }

  @Override
  public ReadView openView(ReadRequest request, Deadline deadline) {
    return owned(request.shard(), deadline).inUse().reads().openView(request, deadline);
  }

  @Override
  public CommitResult commit(CommitRequest request, Deadline deadline) {
    return owned(request.shard(), deadline).inUse().commits().commit(request, deadline);
  }

  @Override
  public BulkLoad beginBulk(BulkRequest request, Deadline deadline) {
    return owned(request.shard(), deadline).inUse().beginBulk(request, deadline);
  }

  @Override
  public TransactionStatus status(ShardId shard, TransactionId transaction, Deadline deadline) {
    return owned(shard, deadline).status(transaction, deadline);
  }

  @Override
  public TableSize sizeOf(ShardId shard, int tableId, Deadline deadline) {
    return owned(shard, deadline).sizeOf(tableId);
  }

  @Override
  public void branch(ShardId parent, ShardId child, Timestamp at, Deadline deadline) {
    owned(parent, deadline).branches().branch(child, at, deadline);
  }

  /** As many of all shards at a time as memory was planned for. */
  @Override
  public Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    if (!checking.tryAcquire()) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              CHECKS + " check is running on this page server already")
          .withHint("Try again when it has ended.");
    }
    try {
      return owned(shard, deadline).checks().check(listener, deadline);
    } finally {
      checking.release();
    }
  }

  @Override
  public SweepPlan planSweep(ShardId shard, Deadline deadline) {
    return owned(shard, deadline).planSweep();
  }

  /** The open shard; the first caller has it opened, all wait. */
  private OwnedShard owned(ShardId id, Deadline deadline) {
    requests.increment();
    while (true) {
      deadline.check(ports.nanoClock().getAsLong());
      if (closed) {
        throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "this page server is shutting down");
      }
      CompletableFuture<OwnedShard> present = shards.get(id);
      if (present == null) {
        var mine = new CompletableFuture<OwnedShard>();
        present = shards.putIfAbsent(id, mine);
        if (present == null) {
          present = mine;
          ports.background().execute(() -> open(id, mine));
        }
      }
      OwnedShard shard =
          Waiting.await(
              present,
              deadline,
              ports.nanoClock(),
              ErrorCode.CANNOT_CONNECT_NOW,
              "shard " + id + " is still being opened" + becauseOf(id));
      shard.checkNotClosing();
      if (shard.isServing()) {
        return shard;
      }
      failures.put(id, shard.whyClosed());
      letGo(id, present, shard);
    }
  }

  private String becauseOf(ShardId id) {
    String failure = failures.get(id);
    return failure == null ? "" : ": " + failure;
  }

  /**
   * Ends what another owner may have taken over by now. Giving the grant back may have to wait for
   * the coordination store, which the caller need not.
   */
  private void letGo(ShardId id, CompletableFuture<OwnedShard> present, OwnedShard shard) {
    if (shards.remove(id, present)) {
      shard.halt();
      ports.background().execute(shard::giveBack);
    }
  }

  private void open(ShardId id, CompletableFuture<OwnedShard> mine) {
    var deadline = Deadline.after(ports.nanoClock().getAsLong(), OPEN_MILLIS);
    try {
      if (!ports.exists().test(id)) {
        throw new SheafException(ErrorCode.INVALID_CATALOG_NAME, "there is no shard " + id);
      }
      if (id.number() != 0) {
        throw new SheafException(
            ErrorCode.FEATURE_NOT_SUPPORTED, "only root shards are served, not " + id);
      }
      List<Condition> required = assignments.require(id);
      OwnedShard opened = openAs(id, required, deadline);
      if (closed) {
        opened.abandon();
        throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "this page server is shutting down");
      }
      mine.complete(opened);
    } catch (RuntimeException | Error e) {
      // Whatever it was: who waits must hear of it, and the next request may try again.
      shards.remove(id, mine);
      mine.completeExceptionally(Waiting.asSheaf(e));
    }
  }

  private OwnedShard openAs(ShardId id, List<Condition> required, Deadline deadline) {
    try {
      OwnedShard opened = opener.open(id, required, deadline);
      failures.remove(id);
      return opened;
    } catch (RuntimeException | Error e) {
      failures.put(id, Waiting.asSheaf(e).message());
      throw e;
    }
  }

  /** Opens a shard ahead of requests; returns when it serves. Errors are those of a request. */
  public void open(ShardId id, Deadline deadline) {
    OwnedShard unused = owned(id, deadline);
  }

  /** Whether requests for the shard are answered now. Never waits. */
  public boolean isServing(ShardId id) {
    return serving(id).isPresent();
  }

  private Optional<OwnedShard> serving(ShardId id) {
    return opened(id).filter(OwnedShard::isServing);
  }

  private Optional<OwnedShard> opened(ShardId id) {
    return Optional.ofNullable(shards.get(id))
        .filter(present -> present.isDone() && !present.isCompletedExceptionally())
        .map(CompletableFuture::join);
  }

  /** The shards that are open here or being opened, sorted. */
  public List<ShardId> present() {
    return shards.keySet().stream().sorted().toList();
  }

  /** How the shards stand that are open here, sorted. Never waits. */
  public List<ShardStatus> statuses() {
    return open().map(OwnedShard::status).sorted(Comparator.comparing(ShardStatus::shard)).toList();
  }

  /** Why shards were closed, or could not be opened, since they last served. Never waits. */
  public Map<ShardId, String> closed() {
    var reasons = new HashMap<>(failures);
    shards
        .keySet()
        .forEach(id -> opened(id).ifPresent(shard -> reasons.put(id, shard.whyClosed())));
    shards.forEach((id, open) -> {
      if (!open.isDone()) {
        reasons.putIfAbsent(id, "it is being opened");
      }
    });
    reasons.keySet().removeIf(this::isServing);
    return Map.copyOf(reasons);
  }

  private Stream<OwnedShard> open() {
    return shards.values().stream()
        .filter(future -> future.isDone() && !future.isCompletedExceptionally())
        .map(CompletableFuture::join);
  }

  /** Who keeps the shard's log; empty unless the shard is served here now. Never waits. */
  public Optional<Configuration> logMembers(ShardId id) {
    return serving(id).map(OwnedShard::members);
  }

  /**
   * As {@link dev.sheaf.pageserver.log.ShardLog#changeMembers}, for a shard that is served here.
   */
  public void changeLogMembers(ShardId id, List<NodeId> nodes, Deadline deadline) {
    serving(id)
        .orElseThrow(() ->
            new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW, "shard " + id + " is not served here now"))
        .changeMembers(nodes, deadline);
  }

  /**
   * As {@link dev.sheaf.pageserver.log.ShardLog#retire}; false also if the shard is not served here
   * now.
   */
  public boolean retireLogCopy(ShardId id, NodeId node) {
    return serving(id).map(shard -> shard.retire(node)).orElse(false);
  }

  /** Requests since the start. */
  public long requests() {
    return requests.sum();
  }

  /** What was written to the object store, and why. */
  public StoreTotals storeTotals() {
    return shares.totals();
  }

  /** What the shards that are open here have in the object store. Never waits. */
  public StoreState storeState() {
    return open().map(OwnedShard::storeState).reduce(StoreState.NONE, StoreState::plus);
  }

  /** Memory is scarce: starts a flush where it gives the most room. */
  private void flushLargest() {
    Optional<OwnedShard> largest = open().max(Comparator.comparingLong(OwnedShard::activeBytes));
    largest.ifPresent(OwnedShard::flushSoon);
  }

  /** Bytes of all memtables now, for metrics. */
  public long memtableBytes() {
    return budget.usedBytes();
  }

  /** Closes one shard if it is open here: flushes it and gives the grant back. */
  public void release(ShardId id, Deadline deadline) {
    release(id, deadline, deadline);
  }

  private void release(ShardId id, Deadline deadline, Deadline flushDeadline) {
    CompletableFuture<OwnedShard> open = shards.get(id);
    if (open == null) {
      return;
    }
    OwnedShard shard =
        Waiting.await(
            open,
            deadline,
            ports.nanoClock(),
            ErrorCode.CANNOT_CONNECT_NOW,
            "shard " + id + " is still being opened");
    shard.close(deadline, flushDeadline);
    shards.remove(id, open);
    failures.remove(id);
  }

  /**
   * To be called every few seconds: flushes what nobody has written to for a while, tries again
   * what could not be compacted, deletes what nobody needs, notes which pages are hot. Idle shards
   * cost no request, once they are flushed. May wait for the stores; one call at a time does
   * something.
   */
  public void maintain() {
    if (!maintaining.compareAndSet(false, true)) {
      return;
    }
    try {
      open().filter(OwnedShard::isServing).forEach(this::maintain);
      hotPages.writeIfDue(open().map(OwnedShard::hotPages).toList());
    } finally {
      maintaining.set(false);
    }
  }

  private void maintain(OwnedShard shard) {
    try {
      shard.maintain();
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot sweep shard " + shard.status().shard() + ", trying again",
          e);
    }
  }

  /** Flushes what an open shard has in memory. */
  public void flush(ShardId id, Deadline deadline) {
    serving(id).ifPresent(open -> open.flushAhead(deadline));
  }

  /** Flushes what an open shard has in memory, and compacts it until nothing is left that pays. */
  public void compact(ShardId id, Deadline deadline) {
    Optional<OwnedShard> shard = serving(id);
    shard.ifPresent(open -> {
      open.flushAhead(deadline);
      open.compact(deadline);
    });
  }

  /**
   * Closes a shard that another node is to own: flushes while requests are still answered, so that
   * they find nobody but for a moment, and leaves a list of its hot pages to that node. Then as
   * {@link #release}.
   *
   * @param aheadMillis for the first part
   */
  public void handOver(ShardId id, long aheadMillis, Deadline deadline) {
    CompletableFuture<OwnedShard> open = shards.get(id);
    if (open != null && open.isDone() && !open.isCompletedExceptionally()) {
      OwnedShard shard = open.join();
      HotPageLists.Leaving lists =
          hotPages.leave(List.of(shard.hotPages()), LEAVE_HOT_PAGES_MILLIS);
      shard.flushAhead(Deadline.after(ports.nanoClock().getAsLong(), aheadMillis));
      lists.await();
    }
    release(id, deadline);
  }

  /** Ends a shard whose data is not needed any more: nothing is flushed. */
  public void discard(ShardId id) {
    CompletableFuture<OwnedShard> open = shards.get(id);
    if (open != null
        && open.isDone()
        && shards.remove(id, open)
        && !open.isCompletedExceptionally()) {
      open.join().abandon();
    }
    failures.remove(id);
  }

  /** Gives back a grant that this node has on its lease without having the shard open. */
  public void releaseLeftover(ShardId id) {
    if (!shards.containsKey(id)) {
      grants.releaseLeftover(id);
    }
  }

  /** Flushes and closes all shards. */
  @Override
  public void close() {
    closed = true;
    List<ShardHotPages> leaving = open().map(OwnedShard::hotPages).toList();
    hotPages.leave(leaving, CLOSE_HOT_PAGES_MILLIS).await();
    long now = ports.nanoClock().getAsLong();
    var deadline = Deadline.after(now, CLOSE_MILLIS);
    var flushDeadline = Deadline.after(now, CLOSE_FLUSH_MILLIS);
    for (ShardId id : List.copyOf(shards.keySet())) {
      try {
        release(id, deadline, flushDeadline);
      } catch (SheafException e) {
        // It could not be opened, or not in time: that must not keep the others from their flush.
        LOG.log(System.Logger.Level.WARNING, "shard " + id + " was not open: " + e.message());
      }
    }
    grants.close();
  }

  /** Lets go of everything without a word, as a crash would. For tests of what comes after. */
  void abandon() {
    closed = true;
    shards.values().forEach(open -> open.join().abandon());
    grants.close();
  }
}
