package dev.sheaf.cli.train;

import dev.sheaf.cli.aot.AotCache;
import dev.sheaf.cli.process.CommandLineProcess;
import dev.sheaf.cli.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains behind a server that was started without a current cache, once that has had nothing to do
 * for a while: in a process of its own, at the lowest priority of the system, ended when this
 * process ends. What goes wrong is in a log beside the cache and otherwise nobody's business.
 */
public final class IdleTraining {
  private static final System.Logger LOG = System.getLogger(IdleTraining.class.getName());
  private static final Duration SAMPLE = Duration.ofSeconds(5);

  /** Short of a user who reads an answer before the next statement. */
  private static final int QUIET_SAMPLES = 4;

  private final ServerProcess server;

  private IdleTraining(ServerProcess server) {
    this.server = server;
  }

  /** Returns at once. Does nothing if there is nothing to train, or it is switched off. */
  public static void behind(ServerProcess server) {
    if (!AotCache.isSwitchedOff() && CommandLineProcess.isPackaged() && Training.isNeeded()) {
      Thread.ofVirtual().name("idle-training").start(new IdleTraining(server)::await);
    }
  }

  private void await() {
    var idleness = new Idleness(SAMPLE, QUIET_SAMPLES);
    try {
      while (server.isAlive() && !idleness.after(server.processorTime())) {
        Thread.sleep(SAMPLE);
      }
      if (server.isAlive()) {
        train();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "no training behind the server", e);
    }
  }

  private static void train() throws IOException {
    Path log = ServerProcess.serverJar().resolveSibling("sheaf.aot.log");
    List<String> command = new ArrayList<>(List.of("nice", "-n", "19"));
    command.addAll(CommandLineProcess.command(List.of(), "train", "--if-needed"));
    Process training =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Runtime.getRuntime().addShutdownHook(new Thread(training::destroy, "stop-training"));
  }
}
