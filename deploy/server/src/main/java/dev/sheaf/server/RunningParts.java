package dev.sheaf.server;

import dev.sheaf.control.cluster.ClusterOverview;
import dev.sheaf.control.cluster.NodeDrains;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.reconcile.Branches;
import dev.sheaf.control.reconcile.DatabaseLifecycle;
import dev.sheaf.control.server.SqlAddress;
import dev.sheaf.pageserver.serve.ShardStatus;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.rpc.control.DatabaseDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parts of Sheaf that run in this process, as the framework's beans see them. Thread-safe. */
interface RunningParts extends AutoCloseable {
  /** Where SQL clients connect: to this process or to one of its cluster; empty if to none now. */
  Optional<SqlAddress> address();

  /** The folder of COPY, if this process runs queries. */
  Optional<Path> imports();

  /** What REST works on; empty if this process is no control plane. */
  Optional<Control> control();

  record Control(
      DatabaseLifecycle lifecycle,
      Branches branches,
      ClusterOverview overview,
      NodeDrains drains,
      Inspections inspections) {}

  DatabaseDirectory directory();

  /** How the shards stand that this process has open. */
  List<ShardStatus> shards();

  /** Why shards that are asked for here are not open, as far as known. */
  Map<ShardId, String> closedShards();

  /** Why this process should get no requests now; empty = it should. */
  List<String> obstacles();

  /** From now on not ready: load balancers go elsewhere while calls under way end. */
  void announceStop();

  /** Stops everything, whatever fails on the way. Idempotent. */
  @Override
  void close();
}
