package dev.sheaf.system.sim;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.log.QuorumLogFactory;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.serve.PageServer;
import dev.sheaf.pageserver.serve.PageServerPorts;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.sim.Machine;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A machine with a page server on it, as production runs it. */
final class PageServerNode implements Owner {
  static final long LEASE_MILLIS = 3_000;

  /** Small memtables, so that segments, manifests and the forgetting of logs come up in seconds. */
  private static final PageServerConfig CONFIG =
      new PageServerConfig(6 << 10, 40 << 10, 4 << 10, 2, 1 << 20, LEASE_MILLIS);

  final Machine machine;
  private final World world;
  final Path scratch;
  private final Hosting hosting;
  private @Nullable PageServer server;

  /** Wires the page server of each life of a machine. */
  interface Hosting {
    PageServer start(PageServerNode node, PageServerPorts ports);
  }

  /** One shard, which stays as it is. */
  PageServerNode(World world, String name, Path scratch) {
    this(world, name, scratch, (_, ports) -> new PageServer(ports, CONFIG));
  }

  PageServerNode(World world, String name, Path scratch, Hosting hosting) {
    this.hosting = hosting;
    this.world = world;
    this.machine = world.simulation.machine(name);
    this.scratch = scratch;
  }

  @Override
  public Machine machine() {
    return machine;
  }

  @Override
  public void start() {
    if (!machine.isUp()) {
      machine.start(this::open);
    }
  }

  private void open() {
    ObjectStore store = world.objects;
    QuorumLogFactory logs = world.logs(machine);
    var ports =
        new PageServerPorts(
            world.coordination.client(machine),
            store,
            new SegmentStore(store, new BlockCache(1 << 20), scratch),
            id -> world.log(id).witnessed(machine.name(), logs.create(id)),
            id -> true,
            machine.name() + "-" + machine.incarnation(),
            machine::wallMillis,
            machine::nanos,
            machine.executor("background"));
    server = hosting.start(this, ports);
  }

  @Override
  public void crash() {
    machine.crash();
    server = null;
  }

  @Override
  public void release() {
    PageServer open = server;
    if (open != null && machine.isUp()) {
      machine.spawn(
          0,
          "releases its shards",
          () -> {
            for (ShardId shard : open.present()) {
              open.release(shard, Deadline.after(machine.nanos(), 5_000));
            }
          });
    }
  }

  /** What runs on it; 57P03 while it starts. */
  PageServer server() {
    PageServer open = server;
    if (open == null) {
      throw new SheafException(ErrorCode.CANNOT_CONNECT_NOW, machine.name() + " is starting");
    }
    return open;
  }
}
