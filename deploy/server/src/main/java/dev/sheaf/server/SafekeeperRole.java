package dev.sheaf.server;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperDirectory;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.safekeeper.journal.DiskStorage;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.serve.Safekeeper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The safekeepers: each with a journal of its own, all in this process. */
final class SafekeeperRole implements SafekeeperDirectory, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SafekeeperRole.class.getName());
  private static final String COUNT_KEY = "server/safekeepers";
  private static final String JOURNAL_SUFFIX = ".journal";

  private final Map<NodeId, Safekeeper> safekeepers = new TreeMap<>();
  private final List<DiskStorage> disks = new ArrayList<>();

  private final ServerMetrics metrics;

  private SafekeeperRole(ServerMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Recovers or begins the journals.
   *
   * @throws StartFailure if the folder's log has another number of members, or one lost its journal
   */
  static SafekeeperRole start(
      int count,
      DataFolder data,
      Coordination coordination,
      MemoryPlan memory,
      ServerThreads threads,
      RandomGenerator random,
      ServerMetrics metrics) {
    Optional<Integer> began =
        coordination.get(COUNT_KEY).map(entry -> Integer.valueOf(entry.value()));
    began.ifPresent(members -> checkMembers(count, members, data));
    var role = new SafekeeperRole(metrics);
    try {
      for (int number = 1; number <= count; number++) {
        var node = new NodeId("safekeeper-" + number);
        role.open(node, data.safekeeper(number), memory, threads.blocking(), threads, random);
      }
      if (began.isEmpty()) {
        // After the journals: what is recorded must be there at the next start.
        coordination.commit(
            List.of(new Condition(COUNT_KEY, 0)),
            List.of(Change.put(COUNT_KEY, Integer.toString(count))));
      }
      return role;
    } catch (IOException e) {
      role.close();
      throw unusable(e);
    } catch (RuntimeException e) {
      role.close();
      throw e;
    }
  }

  /**
   * The one safekeeper of a cluster's process. A journal that is gone makes it a new one to the
   * others, who bring it to a full copy before they count on it.
   */
  static SafekeeperRole startOne(
      String node,
      DataFolder data,
      MemoryPlan memory,
      ServerThreads threads,
      RandomGenerator random,
      ServerMetrics metrics) {
    var role = new SafekeeperRole(metrics);
    try {
      // What hangs on its replies is their way into the network.
      role.open(new NodeId(node), data.safekeeper(1), memory, Runnable::run, threads, random);
      return role;
    } catch (IOException e) {
      role.close();
      throw unusable(e);
    } catch (RuntimeException e) {
      role.close();
      throw e;
    }
  }

  private static SheafException unusable(IOException cause) {
    return new SheafException(
        ErrorCode.IO_ERROR, "a safekeeper's folder cannot be used: " + cause.getMessage(), cause);
  }

  private void open(
      NodeId node,
      Path folder,
      MemoryPlan memory,
      Executor replies,
      ServerThreads threads,
      RandomGenerator random)
      throws IOException {
    JournalSettings defaults = JournalSettings.DEFAULT;
    var settings =
        new JournalSettings(defaults.fileBytes(), memory.journalBytes(), defaults.liveBytes());
    Journal journal =
        Journal.open(
            new MeteredStorage(disk(folder), metrics),
            settings,
            node,
            random.nextLong(),
            Thread.ofPlatform().name("journal-" + node.value()).factory(),
            SafekeeperRole::endProcess);
    var safekeeper = new Safekeeper(journal, replies, threads.blocking());
    metrics.watch(node.value(), safekeeper);
    safekeepers.put(node, safekeeper);
  }

  /**
   * The members of a log cannot be changed by a setting, and one that lost its journal must not
   * come back as if it had never voted: acknowledged records were with it.
   */
  private static void checkMembers(int count, int began, DataFolder data) {
    if (count != began) {
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION,
          "configuration: sheaf.safekeepers is %d, but this data folder began with %d"
              .formatted(count, began));
    }
    for (int number = 1; number <= count; number++) {
      Path journal = data.safekeeper(number);
      String[] files = journal.toFile().list((folder, name) -> name.endsWith(JOURNAL_SUFFIX));
      if (files == null || files.length == 0) {
        throw new StartFailure(
            ExitCode.DATA_FOLDER,
            "the journal in "
                + journal
                + " is gone, and with it what was acknowledged last:"
                + " put it back");
      }
    }
  }

  /** After a failed fsync nobody knows what the disk has: only a restart can find out. */
  private static void endProcess(Throwable cause) {
    LOG.log(System.Logger.Level.ERROR, "a safekeeper's disk failed, the process ends", cause);
    System.err.println("error: a safekeeper's disk failed: " + cause);
    Runtime.getRuntime().halt(ExitCode.DISK_FAILED.number());
  }

  private DiskStorage disk(Path folder) throws IOException {
    var disk = new DiskStorage(folder);
    disks.add(disk);
    return disk;
  }

  /** The safekeeper of {@link #startOne}. */
  Safekeeper only() {
    return safekeepers.values().iterator().next();
  }

  List<NodeId> nodes() {
    return List.copyOf(safekeepers.keySet());
  }

  @Override
  public SafekeeperService of(NodeId node) {
    Safekeeper safekeeper = safekeepers.get(node);
    if (safekeeper == null) {
      throw new SheafException(ErrorCode.IO_ERROR, "there is no safekeeper " + node + " here")
          .withHint("A log was begun with it: use the sheaf.safekeepers that it began with.");
    }
    return safekeeper;
  }

  @Override
  public void close() {
    safekeepers.values().forEach(Safekeeper::close);
    for (DiskStorage disk : disks) {
      try {
        disk.close();
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "cannot let go of a journal's folder", e);
      }
    }
  }
}
