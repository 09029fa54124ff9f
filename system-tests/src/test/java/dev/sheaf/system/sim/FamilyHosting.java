package dev.sheaf.system.sim;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.assign.ShardRemoval;
import dev.sheaf.pageserver.branch.BranchReferences;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.retain.Retention;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.PageServerPorts;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.NodeLease;
import dev.sheaf.testkit.sim.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Page servers of a family of databases, which forget and delete as soon as they may: memtables of
 * a few rows, compaction of whatever there is, a window and a grace period of a second or two, and
 * maintenance at random moments.
 */
final class FamilyHosting implements PageServerNode.Hosting {
  static final long WINDOW_MILLIS = 2_000;
  static final long GRACE_MILLIS = 1_200;

  private static final PageServerConfig CONFIG =
      new PageServerConfig(
          1_200,
          1 << 20,
          600,
          2,
          1 << 20,
          PageServerNode.LEASE_MILLIS,
          500,
          GRACE_MILLIS,
          new CompactionSettings(2, 6, 20_000, 3_000, 2_000, 1, 0.3, 0.3, 2, 1));

  /** By the machine, of its present life. */
  private final Map<Machine, ShardRemoval> removals = new HashMap<>();

  @Override
  public PageServer start(PageServerNode node, PageServerPorts plain) {
    var registry = new Registry(plain.coordination());
    var window = new Window(registry, plain.wallMillis());
    var ports =
        new PageServerPorts(
            plain.coordination(),
            plain.objects(),
            new SegmentStore(plain.objects(), new BlockCache(2 << 10), node.scratch),
            plain.logs(),
            id -> true,
            plain.node(),
            plain.wallMillis(),
            plain.nanoClock(),
            plain.background(),
            window,
            new BranchReferences(plain.objects(), registry::branches),
            Optional.empty());
    var lease = new NodeLease(plain.coordination(), PageServerNode.LEASE_MILLIS, plain.nanoClock());
    var server =
        new PageServer(ports, CONFIG, lease, id -> List.of(registry.require(id).unchanged()));
    removals.put(
        node.machine,
        new ShardRemoval(
            plain.coordination(),
            plain.objects(),
            plain.logs(),
            new Grants(plain.coordination(), plain.node(), lease),
            plain.nanoClock()));
    node.machine.spawn("maintenance", () -> maintain(node.machine, server, window));
    return server;
  }

  private static void maintain(Machine machine, PageServer server, Window window) {
    while (true) {
      try {
        Thread.sleep(machine.simulation().random().nextInt(300));
        window.refresh();
        server.maintain();
      } catch (SheafException unavailable) {
        // Next time.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Removes what a database stored, on a page server's machine. */
  void remove(PageServerNode node, Registry.Known database) {
    node.server().discard(database.shard());
    ShardRemoval removal = removals.get(node.machine);
    removal.remove(
        database.shard(),
        List.of(database.unchanged()),
        Deadline.after(node.machine.nanos(), 10_000));
  }

  /** One window for all, and the points that branches are being made of, as of the last look. */
  private static final class Window implements Retention {
    private final Registry registry;
    private final LongSupplier wallMillis;
    private volatile @Nullable Map<ShardId, List<Timestamp>> points;

    Window(Registry registry, LongSupplier wallMillis) {
      this.registry = registry;
      this.wallMillis = wallMillis;
    }

    void refresh() {
      var next = new HashMap<ShardId, List<Timestamp>>();
      for (Registry.Known each : registry.list()) {
        if (each.state() == Registry.State.BRANCHING) {
          each.parent()
              .ifPresent(
                  parent -> next.computeIfAbsent(parent, _ -> new ArrayList<>()).add(each.at()));
        }
      }
      points = next;
    }

    @Override
    public ReadableTimes of(ShardId shard) {
      Map<ShardId, List<Timestamp>> known = points;
      if (known == null) {
        return ReadableTimes.EVERYTHING;
      }
      return new ReadableTimes(
          Timestamp.ofMillis(wallMillis.getAsLong() - WINDOW_MILLIS),
          known.getOrDefault(shard, List.of()).stream().sorted().distinct().toList());
    }
  }
}
