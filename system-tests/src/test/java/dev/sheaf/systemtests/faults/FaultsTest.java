package dev.sheaf.systemtests.faults;

import dev.sheaf.cli.cluster.LocalCluster;
import dev.sheaf.systemtests.faults.FaultCluster.Shape;
import dev.sheaf.systemtests.faults.Faults.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * Real processes die, freeze and come back while ten clients write and read; each fault with a
 * database of its own, whose contents are checked at its end. The short form is part of every
 * build; {@code -Dfaults=full} has the length and judges the times that docs/reliability.md tells,
 * {@code -Dfaults=long} has the length alone, {@code -Dfaults.only=a,b} runs some rows.
 */
final class FaultsTest {
  /** Limits of time are judged when the JVMs have compiled what they need. */
  private static final long WARM_UP_MILLIS = 30_000;

  private static final String FORM = System.getProperty("faults", "");
  private static final List<String> ONLY =
      List.of(System.getProperty("faults.only", "").split(",", -1));
  private static final long SEED = Long.getLong("faults.seed", 20_260_011L);
  private static final Path REPORT = Path.of("target", "faults.md");

  @TempDir static Path folder;

  /** The safekeeper whose disk can be filled. */
  private static final String SMALL_DISK = "safekeeper-2";

  private static final int DISK_MEGABYTES = 256;

  private static Optional<SmallDisk> disk = Optional.empty();
  private static FaultCluster cluster;

  @BeforeAll
  static void start() {
    LocalCluster planned =
        FaultCluster.plan(folder, new Shape(3, 2, 2, 3, List.of("sheaf.flush-size=1M")));
    disk = SmallDisk.mount(folder.resolve(SMALL_DISK), DISK_MEGABYTES);
    cluster = FaultCluster.start(planned);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    disk.ifPresent(SmallDisk::close);
  }

  private static Map<String, Fault> faults() {
    var faults = new Faults(cluster, !FORM.isEmpty(), FORM.equals("full"));
    var rows = new LinkedHashMap<String, Fault>();
    rows.put("safekeepers-killed", faults::safekeepersKilled);
    rows.put("page-server-killed", faults::pageServerKilled);
    rows.put("page-server-stopped", faults::pageServerStopped);
    rows.put("page-server-drained", faults::pageServerDrained);
    rows.put("compute-killed", faults::computeKilled);
    rows.put("control-killed", faults::controlKilled);
    rows.put("etcd-member-killed", faults::etcdMemberKilled);
    rows.put("etcd-down", faults::etcdDown);
    rows.put("object-store-down", faults::objectStoreDown);
    rows.put("zombie-owner", faults::zombieOwner);
    rows.put("safekeeper-wiped", faults::safekeeperWiped);
    rows.put("quorum-lost", faults::quorumLost);
    rows.put(
        "disk-full",
        load -> {
          Assumptions.assumeTrue(disk.isPresent(), "only root may mount a small disk");
          return faults.diskFull(load, disk.get(), SMALL_DISK);
        });
    return rows;
  }

  @TestFactory
  Stream<DynamicTest> survives() {
    return faults().entrySet().stream()
        .filter(row -> ONLY.equals(List.of("")) || ONLY.contains(row.getKey()))
        .map(row -> DynamicTest.dynamicTest(row.getKey(), () -> run(row.getKey(), row.getValue())));
  }

  private static void run(String name, Fault fault) throws Exception {
    try (Load load = Load.start(cluster, name, SEED)) {
      load.awaitProgress();
      Thread.sleep(FORM.isEmpty() ? 0 : WARM_UP_MILLIS);
      String seen = fault.under(load);
      report("| %s | %s; %s |".formatted(name, seen, load.verify()));
    } catch (TestAbortedException e) {
      report("| %s | skipped: %s |".formatted(name, e.getMessage()));
      throw e;
    } catch (Throwable e) {
      report("| %s | FAILED with seed %d: %s |".formatted(name, SEED, e));
      throw e;
    }
  }

  static void report(String row) throws IOException {
    System.out.println(row);
    Files.writeString(REPORT, row + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
