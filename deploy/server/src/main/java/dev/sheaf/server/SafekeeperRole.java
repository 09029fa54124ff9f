package dev.sheaf.server;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperService;
import dev.sheaf.safekeeper.journal.DiskStorage;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.serve.Safekeeper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** The safekeepers: each with a journal of its own, all in this process. */
final class SafekeeperRole implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SafekeeperRole.class.getName());
  private static final String COUNT_KEY = "server/safekeepers";

  private final Map<NodeId, Safekeeper> safekeepers = new TreeMap<>();

  private SafekeeperRole() {}

  /**
   * Recovers or begins the journals.
   *
   * @throws StartFailure if the folder's log has another number of members
   */
  static SafekeeperRole start(
      int count,
      DataFolder data,
      Coordination coordination,
      MemoryPlan memory,
      ServerThreads threads,
      RandomGenerator random) {
    checkCount(count, coordination);
    var role = new SafekeeperRole();
    try {
      for (int number = 1; number <= count; number++) {
        var node = new NodeId("safekeeper-" + number);
        JournalSettings defaults = JournalSettings.DEFAULT;
        var settings =
            new JournalSettings(defaults.fileBytes(), memory.journalBytes(), defaults.liveBytes());
        Journal journal =
            Journal.open(
                new DiskStorage(data.safekeeper(number)),
                settings,
                node,
                random.nextLong(),
                Thread.ofPlatform().name("journal-" + number).factory(),
                SafekeeperRole::endProcess);
        role.safekeepers.put(node, new Safekeeper(journal, threads.blocking()));
      }
      return role;
    } catch (IOException e) {
      role.close();
      throw new SheafException(
          ErrorCode.IO_ERROR, "a safekeeper's folder cannot be used: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      role.close();
      throw e;
    }
  }

  /** The members of a log cannot be changed by a setting: acknowledged records are with them. */
  private static void checkCount(int count, Coordination coordination) {
    Optional<Entry> recorded = coordination.get(COUNT_KEY);
    if (recorded.isEmpty()) {
      coordination.commit(
          List.of(new Condition(COUNT_KEY, 0)),
          List.of(Change.put(COUNT_KEY, Integer.toString(count))));
    } else if (!recorded.get().value().equals(Integer.toString(count))) {
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION,
          "configuration: sheaf.safekeepers is %d, but this data folder began with %s"
              .formatted(count, recorded.get().value()));
    }
  }

  /** After a failed fsync nobody knows what the disk has: only a restart can find out. */
  private static void endProcess(Throwable cause) {
    LOG.log(System.Logger.Level.ERROR, "a safekeeper's disk failed, the process ends", cause);
    System.err.println("error: a safekeeper's disk failed: " + cause);
    Runtime.getRuntime().halt(ExitCode.DISK_FAILED.number());
  }

  Map<NodeId, SafekeeperService> services() {
    return Map.copyOf(safekeepers);
  }

  @Override
  public void close() {
    safekeepers.values().forEach(Safekeeper::close);
  }
}
