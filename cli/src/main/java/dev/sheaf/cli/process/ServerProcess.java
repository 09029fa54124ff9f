package dev.sheaf.cli.process;

import dev.sheaf.cli.aot.AotCache;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The packaged server as a child process of this one. Its output is passed on line by line, but for
 * the machine-readable ready line. When this JVM ends, the child is told to end too (SIGTERM) and
 * waited for.
 */
public final class ServerProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 60;

  /**
   * Threads that carry the virtual ones of a server without an AOT cache, at least. One that loads
   * or initialises a class keeps its carrier while it waits for another that does; two carriers, as
   * on a machine with two cores, could leave none for the one that both wait for. With the cache
   * classes are there from the start, and more carriers than cores cost about a sixth of the reads.
   */
  private static final int LEAST_COLD_CARRIERS = 8;

  private final Process process;
  private final CompletableFuture<ServerAddresses> ready = new CompletableFuture<>();
  private final Thread stopAtExit;

  private ServerProcess(Process process, PrintStream passOn) {
    this.process = process;
    this.stopAtExit = new Thread(() -> terminate(STOP_SECONDS), "stop-server");
    // A platform thread: reading a pipe blocks the carrier, and a small machine has two of them.
    Thread.ofPlatform().daemon().name("server-output").start(() -> readOutput(passOn));
    Runtime.getRuntime().addShutdownHook(stopAtExit);
  }

  /**
   * Starts a server, with its AOT cache if there is one.
   *
   * @param passOn receives what the server prints to its standard output; its errors go to ours
   */
  public static ServerProcess start(ServerOptions options, PrintStream passOn) {
    return start(command(options, AotCache.of(serverJar()).flags()), passOn);
  }

  /** Starts a {@link #command}. */
  public static ServerProcess start(ProcessBuilder command, PrintStream passOn) {
    try {
      return new ServerProcess(command.start(), passOn);
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "the server cannot be started: " + e.getMessage(), null);
    }
  }

  /**
   * How a server is started.
   *
   * @param jvmFlags beside those that every server has; none = it starts without an AOT cache
   */
  public static ProcessBuilder command(ServerOptions options, List<String> jvmFlags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    if (jvmFlags.isEmpty()) {
      int carriers = Math.max(LEAST_COLD_CARRIERS, Runtime.getRuntime().availableProcessors());
      command.add("-Djdk.virtualThreadScheduler.parallelism=" + carriers);
    }
    command.addAll(options.jvmArguments());
    command.add("-Dsheaf.ready-json=true");
    command.add("-jar");
    command.add(serverJar().toString());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** The built server application. */
  public static Path serverJar() {
    String home = System.getenv("SHEAF_HOME");
    @Nullable String overridden = System.getProperty("sheaf.server.jar");
    Path jar =
        overridden != null
            ? Path.of(overridden)
            : Path.of(
                home == null ? "." : home, "deploy/server/target/quarkus-app/quarkus-run.jar");
    if (!Files.isReadable(jar)) {
      throw new CliException(
          ExitCode.USAGE,
          "the server is not built: " + jar,
          "Run it through ./sheaf, which builds.");
    }
    return jar.toAbsolutePath();
  }

  private void readOutput(PrintStream passOn) {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.startsWith(ServerAddresses.MARK)) {
          ready.complete(ServerAddresses.parse(line));
        } else {
          passOn.println(line);
        }
      }
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
    ready.completeExceptionally(new IOException("the server ended before it was ready"));
  }

  /** Waits until the server answers on all its ports. */
  public ServerAddresses awaitReady(long seconds) {
    try {
      return ready.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      int code = awaitExit();
      throw new CliException(
          code == 0 ? ExitCode.FAILED : code, "the server ended before it was ready", null);
    } catch (TimeoutException e) {
      kill();
      throw new CliException(
          ExitCode.FAILED, "the server was not ready within " + seconds + " seconds", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", null);
    }
  }

  /** Waits for the server's end; its exit code. */
  public int awaitExit() {
    try {
      int code = process.waitFor();
      forget();
      return code;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.FAILED;
    }
  }

  /** What the server has used of the processors since its start. */
  public Duration processorTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL: nothing is flushed. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** SIGTERM, then waits for a clean end. */
  @Override
  public void close() {
    stop(STOP_SECONDS);
  }

  /** SIGTERM, then SIGKILL if the end takes longer. */
  public void stop(long seconds) {
    terminate(seconds);
    forget();
  }

  private void terminate(long seconds) {
    process.destroy();
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    } catch (IllegalStateException alreadyShuttingDown) {
      // The hook is running or has run: there is nothing left to remove.
      return;
    }
  }
}
