package dev.sheaf.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.error.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks a running server how it is. */
@Command(
    name = "status",
    description = "Show the health and the databases of a running server.",
    footer = {"", "Exit codes: 0 ready; 1 not ready; 2 not reachable."})
public final class StatusCommand implements Callable<Integer> {
  static final int DEFAULT_HTTP_PORT = 31_338;

  @Option(names = "--host", paramLabel = "H", description = "Host (default: 127.0.0.1).")
  private String host = "127.0.0.1";

  @Option(names = "--http-port", paramLabel = "N", description = "Port of REST (default: 31338).")
  private int httpPort = DEFAULT_HTTP_PORT;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    var rest = new RestClient(host, httpPort);
    JsonNode health = rest.health();
    boolean ready = health.path("status").asText().equals("UP");
    System.out.println(ready ? "ready" : "not ready");
    for (JsonNode check : health.path("checks")) {
      System.out.printf("  %-5s %s%n", check.path("status").asText(), check.path("name").asText());
    }
    if (ready) {
      System.out.println("databases");
      for (JsonNode database : rest.databases()) {
        System.out.printf(
            "  %-20s %s%n", database.path("name").asText(), database.path("state").asText());
      }
    }
    return ready ? ExitCode.OK : ExitCode.FAILED;
  }
}
