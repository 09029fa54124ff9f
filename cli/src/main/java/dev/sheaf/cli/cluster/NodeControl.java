package dev.sheaf.cli.cluster;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Acts on the single processes of a cluster. */
final class NodeControl {
  private static final long STOP_SECONDS = 70;
  private static final long TOOL_SECONDS = 10;
  private static final Duration PROBE = Duration.ofSeconds(2);

  private final ClusterFolder folder;
  private final Map<String, String> environment;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PROBE).build();

  /** How a process is. */
  enum Health {
    READY,
    STARTING,
    PAUSED,
    DOWN
  }

  /**
   * @param environment added to that of every process: what must not stand on a command line
   */
  NodeControl(ClusterFolder folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /**
   * Starts a process that outlives this one. It ignores the terminal's Ctrl-C, which goes to every
   * process of the terminal at once: a cluster has to stop in order.
   */
  void start(NodeSpec node) {
    if (folder.process(node.name()).isPresent()) {
      throw new CliException(ExitCode.FAILED, node.name() + " is running", null);
    }
    List<String> command = new ArrayList<>(List.of("sh", "-c", "trap '' INT; exec \"$0\" \"$@\""));
    command.addAll(node.command());
    var log = ProcessBuilder.Redirect.appendTo(folder.log(node.name()).toFile());
    var builder = new ProcessBuilder(command).redirectOutput(log).redirectError(log);
    builder.environment().putAll(environment);
    try {
      folder.note(node.name(), builder.start().toHandle());
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, node.name() + " cannot be started: " + e.getMessage(), null);
    }
  }

  /** SIGTERM, and SIGKILL if that does not end it; true if it ran. */
  boolean stop(String node) {
    return folder
        .process(node)
        .map(process -> {
          signal(process, "CONT");
          process.destroy();
          if (!ends(process)) {
            process.destroyForcibly();
            boolean unused = ends(process);
          }
          folder.forget(node);
          return true;
        })
        .orElse(false);
  }

  /** SIGKILL. */
  void kill(String node) {
    ProcessHandle process = running(node);
    process.destroyForcibly();
    boolean unused = ends(process);
    folder.forget(node);
  }

  /** SIGSTOP: it neither runs nor ends, and its peers hear nothing. */
  void pause(String node) {
    signal(running(node), "STOP");
  }

  void resume(String node) {
    signal(running(node), "CONT");
  }

  Health health(NodeSpec node) {
    var process = folder.process(node.name());
    if (process.isEmpty()) {
      return Health.DOWN;
    }
    if (isPaused(process.get())) {
      return Health.PAUSED;
    }
    return answers(node) ? Health.READY : Health.STARTING;
  }

  private boolean answers(NodeSpec node) {
    URI ready = URI.create(node.ready());
    try {
      return switch (ready.getScheme()) {
        case "tcp" -> accepts(ready);
        default -> answersOk(ready);
      };
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean answersOk(URI page) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(page).timeout(PROBE).GET().build();
    return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
  }

  /** Of a program without a page that tells: it listens only when it serves. */
  private static boolean accepts(URI address) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.getHost(), address.getPort()), (int) PROBE.toMillis());
      return true;
    }
  }

  /** The last lines that a node printed. */
  List<String> lastWords(String node, int lines) {
    try {
      List<String> all = Files.readAllLines(folder.log(node));
      return all.subList(Math.max(0, all.size() - lines), all.size());
    } catch (IOException e) {
      return List.of();
    }
  }

  private ProcessHandle running(String node) {
    return folder
        .process(node)
        .orElseThrow(() ->
            new CliException(
                ExitCode.FAILED,
                node + " is not running",
                "./sheaf cluster status shows the nodes; ./sheaf cluster start starts one."));
  }

  private static boolean ends(ProcessHandle process) {
    return ends(process, STOP_SECONDS);
  }

  /** Waits for the end of a process; false if it still runs after that many seconds. */
  static boolean ends(ProcessHandle process, long seconds) {
    try {
      process.onExit().get(seconds, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean isPaused(ProcessHandle process) {
    return output("ps", "-o", "stat=", "-p", Long.toString(process.pid())).startsWith("T");
  }

  private static void signal(ProcessHandle process, String name) {
    String unused = output("kill", "-" + name, Long.toString(process.pid()));
  }

  /** Of tools that say a few words, which the pipe holds until they have ended. */
  private static String output(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new CliException(
            ExitCode.FAILED, command[0] + " did not end within " + TOOL_SECONDS + " s", null);
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, command[0] + " cannot be run: " + e.getMessage(), null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", null);
    }
  }
}
