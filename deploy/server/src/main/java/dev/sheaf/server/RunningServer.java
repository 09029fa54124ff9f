package dev.sheaf.server;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;

/** From the moment when every port is listened on until a signal asks for the end. */
public final class RunningServer implements QuarkusApplication {
  private static final System.Logger LOG = System.getLogger(RunningServer.class.getName());

  private final ServerBeans beans;
  private final HttpServer http;
  private final AtomicBoolean asked = new AtomicBoolean();

  public RunningServer(ServerBeans beans, HttpServer http) {
    this.beans = beans;
    this.http = http;
  }

  @Override
  public int run(String... args) {
    Signal.handle(new Signal("TERM"), this::stop);
    Signal.handle(new Signal("INT"), this::stop);
    Launch launch = beans.launch();
    var addresses =
        new Addresses(
            beans.parts().address(),
            launch.config().http().host(),
            http.getPort(),
            launch.data().root(),
            beans.parts().imports());
    var lines = new ArrayList<String>();
    lines.add(Launch.whoWeAre());
    addresses.sql().ifPresent(sql -> lines.add("Flight SQL " + sql.flightSql()));
    lines.add("REST " + addresses.rest());
    launch.data().describe(lines);
    System.out.print(addresses.block());
    if (launch.config().readyJson()) {
      System.out.println(addresses.readyLine());
    }
    System.out.flush();
    LOG.log(System.Logger.Level.INFO, "ready: {0}", addresses);
    Quarkus.waitForExit();
    return ExitCode.OK.number();
  }

  private void stop(Signal signal) {
    if (!asked.compareAndSet(false, true)) {
      return;
    }
    LOG.log(System.Logger.Level.INFO, "stopping after SIG{0}", signal.getName());
    beans.parts().announceStop();
    endAfter(beans.launch().config().shutdownTimeout());
    Quarkus.asyncExit(ExitCode.OK.number());
  }

  /** What is acknowledged is in the log, so an end in the middle of a last flush loses nothing. */
  private static void endAfter(Duration timeout) {
    Thread.ofPlatform()
        .daemon()
        .name("shutdown-limit")
        .start(() -> {
          try {
            Thread.sleep(timeout);
          } catch (InterruptedException e) {
            return;
          }
          System.err.println("error: the server did not stop within " + timeout.toSeconds() + " s");
          Runtime.getRuntime().halt(ExitCode.FAILED.number());
        });
  }
}
