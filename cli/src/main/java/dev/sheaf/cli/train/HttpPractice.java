package dev.sheaf.cli.train;

import dev.sheaf.cli.client.RestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** REST as the commands call it, and what probes, scrapers and browsers ask for. */
final class HttpPractice {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int ROUNDS = 20;
  private static final String DATABASES = "/api/v2/databases";
  private static final String[] PATHS = {
    "/",
    "/q/health",
    "/q/health/live",
    "/q/health/ready",
    "/q/health/started",
    "/q/metrics",
    "/q/openapi",
    DATABASES,
    DATABASES + "/none"
  };

  private final String host;
  private final int port;

  HttpPractice(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** Leaves a new database of that name. */
  void run(String database) {
    RestClient rest = new RestClient(host, port);
    rest.health();
    rest.createDatabase(database);
    rest.createDatabase(database + "-dropped");
    rest.databases();
    try (HttpClient http = HttpClient.newHttpClient()) {
      send(http, HttpRequest.newBuilder(uri(DATABASES + "/" + database + "-dropped")).DELETE());
      for (int i = 0; i < ROUNDS; i++) {
        for (String path : PATHS) {
          send(http, HttpRequest.newBuilder(uri(path)).GET());
        }
        send(http, HttpRequest.newBuilder(uri(DATABASES + "/" + database)).GET());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Any status will do. */
  private static void send(HttpClient http, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<String> unused =
        http.send(request.timeout(DEADLINE).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://" + host + ":" + port + path);
  }
}
