package dev.sheaf.cli.train;

import dev.sheaf.cli.aot.AotCache;
import dev.sheaf.cli.aot.Recording;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.process.CommandLineProcess;
import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Makes the AOT caches of the server and of the command line: a throw-away server and a command
 * line that practises on it, both recorded, then assembled. Takes a minute of a quiet machine;
 * every wait is long, because it may have to make do with what others leave of the processors.
 */
public final class Training {
  private static final long START_SECONDS = 300;
  private static final long PRACTICE_SECONDS = 1_800;
  private static final long STOP_SECONDS = 300;
  private static final PrintStream SILENT =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  /**
   * Heap references are as wide as those of any server below 32 GiB, so the cache fits them all.
   */
  private static final ServerOptions SERVER =
      new ServerOptions(null, 0, 0, null, true, "1g", List.of());

  private final AotCache server = AotCache.of(ServerProcess.serverJar());
  private final AotCache commandLine = AotCache.of(CommandLineProcess.jar());
  private final PrintStream out;

  /**
   * @param out hears how it goes
   */
  public Training(PrintStream out) {
    this.out = out;
  }

  /** Whether a cache is missing, or older than what it is of. */
  public static boolean isNeeded() {
    return !AotCache.of(ServerProcess.serverJar()).isCurrent()
        || !AotCache.of(CommandLineProcess.jar()).isCurrent();
  }

  /**
   * Makes both caches. Waits for another process that is about it, all of whose waits end.
   *
   * @param anew also if they are current
   */
  public void run(boolean anew) {
    try (FileChannel file =
            FileChannel.open(lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      if (lock.isValid() && (anew || isNeeded())) {
        train();
      }
    } catch (IOException e) {
      throw failed("cannot train: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    }
  }

  private Path lockFile() {
    return server.file().resolveSibling("sheaf.aot.lock");
  }

  private void train() throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (var ofServer = new Recording(server);
        var ofCommandLine = new Recording(commandLine)) {
      out.println("Practising on a throw-away server ...");
      practise(ofServer.recordFlags(), ofCommandLine.recordFlags());
      out.println("Making the caches ...");
      ofServer.assemble(SERVER.jvmArguments());
      ofCommandLine.assemble(CommandLineProcess.flags());
      ofServer.publish();
      ofCommandLine.publish();
    }
    out.printf(
        Locale.ROOT,
        "Made %s and %s in %.0f s%n",
        server.file(),
        commandLine.file(),
        (System.nanoTime() - start) / 1e9);
  }

  private static void practise(List<String> serverFlags, List<String> commandLineFlags)
      throws IOException, InterruptedException {
    ProcessBuilder command = ServerProcess.command(SERVER, serverFlags);
    // Without what users have set for servers of their own, in the environment or in ./config.
    command.environment().keySet().removeIf(name -> name.startsWith("SHEAF_"));
    command.directory(new File(System.getProperty("java.io.tmpdir")));
    ServerProcess server = ServerProcess.start(command, SILENT);
    try {
      ServerAddresses addresses = server.awaitReady(START_SECONDS);
      var practice =
          new ProcessBuilder(
                  CommandLineProcess.command(
                      commandLineFlags,
                      "practise",
                      "--flight-port=" + addresses.flightPort(),
                      "--http-port=" + addresses.httpPort()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD);
      // The shell's history goes where the server's data goes: away.
      practice.environment().put("XDG_STATE_HOME", addresses.data().toString());
      awaitSuccess(practice.start());
    } finally {
      server.stop(STOP_SECONDS);
    }
  }

  private static void awaitSuccess(Process practice) throws InterruptedException {
    Thread stopAtExit = new Thread(practice::destroy, "stop-practice");
    Runtime.getRuntime().addShutdownHook(stopAtExit);
    try {
      if (!practice.waitFor(PRACTICE_SECONDS, TimeUnit.SECONDS)) {
        throw failed("the practice did not end within " + PRACTICE_SECONDS + " seconds");
      }
      if (practice.exitValue() != ExitCode.OK) {
        throw failed("the practice ended with " + practice.exitValue());
      }
    } finally {
      practice.destroyForcibly();
      Runtime.getRuntime().removeShutdownHook(stopAtExit);
    }
  }

  private static CliException failed(String message) {
    return new CliException(ExitCode.FAILED, message, null);
  }
}
