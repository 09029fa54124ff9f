package dev.sheaf.system.sim;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.CommitRequest;
import dev.sheaf.rpc.shard.ShardService.CommitResult;
import dev.sheaf.rpc.shard.ShardService.TransactionStatus;
import dev.sheaf.rpc.shard.ShardService.Write;
import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/**
 * One client's way to the shard, wherever it is: as a compute uses it, and like one it asks for the
 * outcome of a commit whose answer was lost, or sends it again under the same id. On one simulated
 * thread.
 */
final class Session {
  private static final long PATIENCE_MILLIS = 1_500;

  private final World world;
  private final List<PageServerNode> pageServers;
  private final Machine machine;
  private final ShardId shard;
  private final TimeWitness time;
  private final BooleanSupplier isGone;
  private final long storeMillis;
  private PageServerNode target;

  Session(World world, List<PageServerNode> pageServers, Machine machine) {
    this(world, pageServers, machine, World.SHARD, () -> false, Long.MAX_VALUE >> 20);
  }

  /**
   * @param isGone whether the shard is being deleted, with all that it stored
   * @param storeMillis how long a page server may work on a request and count on the objects that
   *     it has begun with
   */
  Session(
      World world,
      List<PageServerNode> pageServers,
      Machine machine,
      ShardId shard,
      BooleanSupplier isGone,
      long storeMillis) {
    this.isGone = isGone;
    this.storeMillis = storeMillis;
    this.world = world;
    this.shard = shard;
    this.time = world.time(shard);
    this.pageServers = pageServers;
    this.machine = machine;
    this.target = pageServers.getFirst();
  }

  /** What became of a commit. */
  sealed interface Outcome {
    record Committed(Timestamp timestamp) implements Outcome {}

    record Aborted(SheafException why) implements Outcome {}

    /** Nobody could say before the end of the run. */
    record Unknown() implements Outcome {}
  }

  Timestamp snapshot() {
    Timestamp before = time.newest();
    Timestamp timestamp =
        call("snapshot", (shards, deadline) -> shards.snapshot(shard, deadline)).timestamp();
    time.given(machine.name() + "'s snapshot", timestamp, before);
    return timestamp;
  }

  List<byte[]> get(Timestamp snapshot, List<byte[]> keys) {
    return call("get", (shards, deadline) -> shards.get(shard, snapshot, keys, deadline));
  }

  /** Reads over all of a table, through segments and the tail. */
  Scan.Found scan(Timestamp snapshot, int table) {
    return call(
        "scan",
        (shards, deadline) -> Scan.run(shards, world.objects, shard, snapshot, table, deadline));
  }

  /** Looks for the shard anywhere, as one who has not been there before. */
  void wander() {
    target = pageServers.get(world.simulation.random().nextInt(pageServers.size()));
  }

  /** Makes a branch of the shard. */
  void branch(ShardId child, Timestamp at) {
    boolean _ =
        call(
            "branch",
            (shards, deadline) -> {
              shards.branch(shard, child, at, deadline);
              return true;
            });
  }

  Outcome commit(Timestamp snapshot, List<Write> writes) {
    var request = new CommitRequest(shard, newId(), snapshot, writes, List.of());
    Timestamp before = time.newest();
    try {
      CommitResult result = call("commit", (shards, deadline) -> shards.commit(request, deadline));
      time.given(machine.name() + "'s commit", result.timestamp(), before);
      return new Outcome.Committed(result.timestamp());
    } catch (SheafException e) {
      return isDefinite(e) ? new Outcome.Aborted(e) : resolve(request);
    }
  }

  /** A version 7 id, as computes make them. */
  private TransactionId newId() {
    long millis = machine.wallMillis();
    long high = millis << 16 | 0x7000L | world.simulation.random().nextInt(1 << 12);
    long low = world.simulation.random().nextLong() >>> 2 | Long.MIN_VALUE;
    return new TransactionId(new UUID(high, low));
  }

  /** Whether a transaction that was sent once surely has no effect, and never will. */
  private static boolean isDefinite(SheafException e) {
    return switch (e.code()) {
      case SERIALIZATION_FAILURE, UNIQUE_VIOLATION -> true;
      default -> false;
    };
  }

  private Outcome resolve(CommitRequest request) {
    SheafException refused = null;
    while (!isOver()) {
      pause(50);
      try {
        if (world.simulation.random().nextInt(3) == 0) {
          return sendAgain(request);
        }
        TransactionStatus status = ask(request);
        switch (status) {
          case COMMITTED -> {
            if (refused != null) {
              throw new SimulationFailure(
                  "a commit sent again was refused although it had succeeded", refused);
            }
            return new Outcome.Committed(Timestamp.ZERO);
          }
          case ABORTED -> {
            return new Outcome.Aborted(
                new SheafException(ErrorCode.SERIALIZATION_FAILURE, "said to be aborted"));
          }
          case UNKNOWN -> {
            return new Outcome.Unknown();
          }
          case IN_PROGRESS -> {}
        }
      } catch (SheafException notYet) {
        // A conflict may be with what was sent first, if that is not remembered any more.
        if (isConflict(notYet)) {
          refused = notYet;
        }
        pause(50);
      }
    }
    return new Outcome.Unknown();
  }

  private static boolean isConflict(SheafException e) {
    return e.code() == ErrorCode.UNIQUE_VIOLATION
        || (e.code() == ErrorCode.SERIALIZATION_FAILURE
            && e.message().startsWith("could not serialize"));
  }

  private Outcome sendAgain(CommitRequest request) {
    CommitResult result =
        call("commit again", (shards, deadline) -> shards.commit(request, deadline));
    time.found("a commit sent again", result.timestamp());
    return new Outcome.Committed(result.timestamp());
  }

  private TransactionStatus ask(CommitRequest request) {
    return call(
        "status", (shards, deadline) -> shards.status(shard, request.transaction(), deadline));
  }

  /** Whether the run has come so far that nobody should wait any more. */
  private boolean isOver() {
    return world.simulation.nanos() > World.GIVE_UP_NANOS;
  }

  void pause(double mostMillis) {
    try {
      Thread.sleep((long) (world.simulation.random().nextDouble() * mostMillis));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private <T> T call(String what, BiFunction<ShardService, Deadline, T> call) {
    return call(what, PATIENCE_MILLIS, call);
  }

  /** Until it is done, however long it takes. */
  <T> T persist(String what, BiFunction<ShardService, Deadline, T> call) {
    while (true) {
      try {
        return call(what, 20_000, call);
      } catch (SheafException unavailable) {
        pause(100);
      }
    }
  }

  /** On the page server's machine, in that time. */
  <T> T call(String what, long patienceMillis, BiFunction<ShardService, Deadline, T> call) {
    PageServerNode node = target;
    try {
      return world
          .network
          .call(
              machine,
              node.machine,
              what,
              () -> {
                // As gRPC does it: the time left travels, not the time on the way.
                Deadline theirs = Deadline.after(node.machine.nanos(), patienceMillis);
                return CompletableFuture.completedFuture(carryOut(node.server(), theirs, call));
              })
          .get(patienceMillis + 200, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof SheafException error)) {
        throw new SimulationFailure(what + " failed", e);
      }
      checkAllowed(what, error);
      lookElsewhere(error);
      throw error;
    } catch (TimeoutException e) {
      var lost = new SheafException(ErrorCode.IO_ERROR, "no answer to " + what);
      lookElsewhere(lost);
      throw lost;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What has gone to sleep for longer than the store waits for it may find objects deleted. */
  private <T> T carryOut(
      ShardService shards, Deadline deadline, BiFunction<ShardService, Deadline, T> call) {
    long began = world.simulation.nanos();
    try {
      return call.apply(shards, deadline);
    } catch (SheafException e) {
      if (e.code() == ErrorCode.DATA_CORRUPTED
          && e.message().contains("missing")
          && (isGone.getAsBoolean()
              || world.simulation.nanos() - began > storeMillis * 1_000_000)) {
        throw new SheafException(ErrorCode.IO_ERROR, "came too late: " + e.message(), e);
      }
      throw e;
    }
  }

  /** Faults are no excuse for defects. */
  private void checkAllowed(String what, SheafException error) {
    switch (error.code()) {
      case INTERNAL_ERROR, DATA_CORRUPTED, INVALID_PARAMETER_VALUE ->
          throw new SimulationFailure(what + " failed: " + error.message(), error);
      default -> {}
    }
  }

  private void lookElsewhere(SheafException error) {
    if (error.code() == ErrorCode.CANNOT_CONNECT_NOW
        || error.code() == ErrorCode.IO_ERROR
        || error.code() == ErrorCode.ADMIN_SHUTDOWN) {
      int next = world.simulation.random().nextInt(pageServers.size());
      target = pageServers.get(next);
    }
  }
}
