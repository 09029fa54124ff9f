package dev.sheaf.bench;

import dev.sheaf.cli.client.SqlClient;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;

/**
 * YCSB for Sheaf and PostgreSQL: loads both, starts both anew, so that their caches are empty, and
 * measures.
 */
record YcsbRun(Path folder, String memory, YcsbBench.Load load, PrintStream out) {

  void run() throws Exception {
    try (SheafPeer sheaf = sheaf();
        PostgresPeer postgres = postgres()) {
      try (SqlClient client = sheaf.client()) {
        YcsbRows.load(client, load.rows());
      }
      YcsbRows.load(postgres.connect(), load.rows());
    }
    try (SheafPeer sheaf = sheaf();
        PostgresPeer postgres = postgres();
        var allocator = new RootAllocator()) {
      var systems =
          List.of(
              new YcsbBench.System(
                  "Sheaf",
                  () -> new GrpcYcsbClient(sheaf.grpcClient(allocator)),
                  () ->
                      sheaf.metric("sheaf_storage_read_seconds_sum")
                          + sheaf.metric("sheaf_commit_seconds_sum")),
              new YcsbBench.System(
                  "PostgreSQL", () -> new JdbcYcsbClient(postgres.connect()), null));
      new YcsbBench(systems, load, out).run();
    }
  }

  private SheafPeer sheaf() {
    return new SheafPeer(memory, folder.resolve("sheaf"), List.of());
  }

  private PostgresPeer postgres() throws Exception {
    return new PostgresPeer(folder.resolve("postgresql"));
  }
}
