package dev.sheaf.systemtests;

import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** The packaged server as a process on free loopback ports, as a user would run it. */
public final class SheafServer implements SqlServer {
  private static final long START_SECONDS = 90;

  private final ServerOptions options;
  private ServerProcess process;
  private ServerAddresses addresses;

  private SheafServer(ServerOptions options) {
    this.options = options;
    restart();
  }

  /** Keeps its data in the folder, so that it can be killed and started again. */
  public static SheafServer on(Path data, String memory, String... settings) {
    return new SheafServer(new ServerOptions(data, 0, 0, null, false, memory, List.of(settings)));
  }

  public static SheafServer throwAway() {
    return new SheafServer(ServerOptions.throwAway());
  }

  public static SheafServer with(ServerOptions options) {
    return new SheafServer(options);
  }

  /** Starts the server again after {@link #kill} or {@link #stop}. */
  public void restart() {
    Path jar = Path.of("..", "deploy", "server", "target", "quarkus-app", "quarkus-run.jar");
    System.setProperty("sheaf.server.jar", jar.toAbsolutePath().normalize().toString());
    process =
        ServerProcess.start(options, new PrintStream(java.io.OutputStream.nullOutputStream()));
    addresses = process.awaitReady(START_SECONDS);
  }

  /** SIGKILL. */
  public void kill() {
    process.kill();
  }

  /** SIGTERM and wait. */
  public void stop() {
    process.close();
  }

  public ServerAddresses addresses() {
    return addresses;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public String host() {
    return addresses.flightHost();
  }

  @Override
  public int port() {
    return addresses.flightPort();
  }

  @Override
  public RestClient rest() {
    return new RestClient(addresses.flightHost(), addresses.httpPort());
  }

  @Override
  public void close() {
    process.close();
  }
}
