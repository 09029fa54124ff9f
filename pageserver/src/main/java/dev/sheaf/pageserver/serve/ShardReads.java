package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.log.ShardLog;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.memtable.BlockSource;
import dev.sheaf.pageserver.memtable.TailSource;
import dev.sheaf.pageserver.memtable.VersionBlock;
import dev.sheaf.pageserver.memtable.VersionCursor;
import dev.sheaf.pageserver.oracle.WindowedOracle;
import dev.sheaf.pageserver.retain.Retention;
import dev.sheaf.pageserver.shard.InFlight;
import dev.sheaf.pageserver.tree.KeyLookup;
import dev.sheaf.pageserver.tree.RangeLookup;
import dev.sheaf.pageserver.tree.Tree;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.rpc.shard.ShardService.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers at a snapshot. Every read first waits for the commits in flight at or below its snapshot,
 * so that it sees all of a transaction or nothing, and afterwards makes sure that this node still
 * was the owner. Thread-safe.
 */
final class ShardReads {
  private final ShardState state;
  private final Grant grant;
  private final ShardLog log;
  private final WindowedOracle oracle;
  private final Retention retention;
  private final OpenViews views;
  private final LongSupplier nanoClock;

  ShardReads(
      ShardState state,
      Grant grant,
      ShardLog log,
      WindowedOracle oracle,
      Retention retention,
      OpenViews views,
      LongSupplier nanoClock) {
    this.state = state;
    this.grant = grant;
    this.log = log;
    this.oracle = oracle;
    this.retention = retention;
    this.views = views;
    this.nanoClock = nanoClock;
  }

  Snapshot snapshot(Deadline deadline) {
    Timestamp timestamp = oracle.draw();
    return new Snapshot(timestamp, catalogVersionAt(timestamp, deadline));
  }

  Timestamp catalogVersionAt(Timestamp timestamp, Deadline deadline) {
    checkIssued(timestamp);
    checkReadable(state.tree(), timestamp);
    awaitApplied(timestamp, true, deadline);
    Timestamp version = state.locked(() -> state.catalogVersions().at(timestamp));
    checkOwner();
    return version;
  }

  List<byte @Nullable []> get(Timestamp snapshot, List<byte[]> keys, Deadline deadline) {
    return read(
        snapshot,
        deadline,
        tree -> {
          var rows = new ArrayList<byte @Nullable []>(keys.size());
          for (byte[] key : keys) {
            rows.add(KeyLookup.get(tree, key, snapshot));
          }
          return rows;
        });
  }

  ReadView openView(ReadRequest request, Deadline deadline) {
    OpenViews.Pin pin = views.pin(nanoClock.getAsLong());
    try {
      return read(request.snapshot(), deadline, tree -> new View(tree, request, pin));
    } catch (RuntimeException | Error e) {
      pin.close();
      throw e;
    }
  }

  /** Reads a picture of the tree that has every commit up to the snapshot. */
  private <T> T read(Timestamp snapshot, Deadline deadline, Function<Tree, T> reader) {
    checkIssued(snapshot);
    awaitApplied(snapshot, false, deadline);
    Tree tree = state.tree();
    checkReadable(tree, snapshot);
    T answer = reader.apply(tree);
    checkOwner();
    return answer;
  }

  /** Returns when no commit at or below the timestamp is in flight, nor ever will be. */
  void awaitClosed(Timestamp timestamp, Deadline deadline) {
    checkIssued(timestamp);
    awaitApplied(timestamp, false, deadline);
  }

  /** Of the picture that is read: the present one may have let go of more. */
  private void checkReadable(Tree tree, Timestamp snapshot) {
    checkIn(tree.readable(), snapshot);
    checkIn(retention.of(state.shard()), snapshot);
  }

  private void checkIn(ReadableTimes readable, Timestamp snapshot) {
    if (!readable.includes(snapshot)) {
      throw CommitPipeline.tooOld(snapshot, readable.from());
    }
  }

  /** A snapshot above the oracle's could still be committed below: refuse it. */
  private void checkIssued(Timestamp snapshot) {
    if (snapshot.isAfter(oracle.last()) && snapshot.isAfter(oracle.draw())) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "timestamp " + snapshot + " is in the future");
    }
  }

  private void awaitApplied(Timestamp snapshot, boolean catalogOnly, Deadline deadline) {
    while (true) {
      Optional<InFlight> open =
          state.serving(order ->
              catalogOnly ? order.lastCatalogChange(snapshot) : order.lastAtOrBelow(snapshot));
      if (open.isEmpty()) {
        return;
      }
      Waiting.awaitEnd(
          open.get().outcome(), deadline, nanoClock, "transaction " + open.get().transaction());
    }
  }

  /** 57P03 if another node may have become the owner. */
  void checkOwner() {
    grant.checkHeld();
    if (!log.isLeader()) {
      SheafException fenced =
          new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW, "shard " + state.shard() + " has another owner");
      boolean unused = state.stop(fenced);
      throw fenced;
    }
  }

  /** Its segments stay as long as it is open; those of a former owner's for the grace period. */
  private static final class View implements ReadView {
    private final Tree tree;
    private final ReadRequest request;
    private final RangeLookup.Found found;
    private final OpenViews.Pin pin;
    private final AtomicBoolean tailTaken = new AtomicBoolean();

    View(Tree tree, ReadRequest request, OpenViews.Pin pin) {
      this.pin = pin;
      this.tree = tree;
      this.request = request;
      this.found = RangeLookup.find(tree, request.range(), request.snapshot(), request.head());
    }

    @Override
    public List<SegmentView> segments() {
      return found.segments();
    }

    @Override
    public @Nullable KeyRange covered() {
      return found.covered();
    }

    @Override
    public BatchSource tail() {
      if (!tailTaken.compareAndSet(false, true)) {
        throw new IllegalStateException("the tail was taken before");
      }
      List<VersionBlock> blocks = found.blocks();
      if (blocks != null) {
        return new BlockSource(blocks, request.snapshot(), request.columns());
      }
      KeyRange covered = found.covered();
      return new TailSource(
          new VersionCursor(tree.memtables(), covered == null ? request.range() : covered),
          request.snapshot(),
          request.columns());
    }

    @Override
    public long tailRows() {
      return found.tailRows();
    }

    @Override
    public void close() {
      tailTaken.set(true);
      pin.close();
    }
  }
}
