package dev.sheaf.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The few calls of the control plane's REST that the commands need. */
public final class RestClient {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** A check says something each second; a slow object store may keep it quiet for a while. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private static final String DATABASES = "/api/v2/databases";

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final ObjectMapper json = new ObjectMapper();
  private final String base;

  public RestClient(String host, int port) {
    this.base = "http://" + host + ":" + port;
  }

  /** The readiness document; answered also when not ready. */
  public JsonNode health() {
    return body(send(HttpRequest.newBuilder(uri("/q/health/ready")).GET()));
  }

  /** All databases. */
  public List<JsonNode> databases() {
    return all(DATABASES, "databases");
  }

  private List<JsonNode> all(String list, String entries) {
    List<JsonNode> all = new ArrayList<>();
    String cursor = "";
    do {
      String page =
          list
              + "?limit=100"
              + (cursor.isEmpty()
                  ? ""
                  : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8));
      JsonNode answer = checked(send(HttpRequest.newBuilder(uri(page)).GET()));
      answer.path(entries).forEach(all::add);
      cursor = answer.path("next_cursor").asText("");
    } while (!cursor.isEmpty());
    return all;
  }

  /** Creates a database; fails if the name is taken. */
  public JsonNode createDatabase(String name) {
    return post(DATABASES, Map.of("name", name));
  }

  private JsonNode post(String path, Map<String, String> fields) {
    try {
      String body = json.writeValueAsString(fields);
      return checked(
          send(
              HttpRequest.newBuilder(uri(path))
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body))));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Makes a branch of a database.
   *
   * @param at ISO 8601; empty: as it is now
   */
  public JsonNode createBranch(String database, String name, Optional<String> at) {
    var fields = new TreeMap<>(Map.of("name", name));
    at.ifPresent(moment -> fields.put("at", moment));
    return post(database(database) + "/branches", fields);
  }

  /** All branches of a database itself. */
  public List<JsonNode> branches(String database) {
    return all(database(database) + "/branches", "databases");
  }

  /** Makes a branch that begins as a backup of the database did. */
  public JsonNode createBranchOfBackup(String database, String name, String backup) {
    return post(database(database) + "/branches", Map.of("name", name, "backup", backup));
  }

  /**
   * Takes a backup of a database.
   *
   * @param at ISO 8601; empty: as it is now
   */
  public JsonNode createBackup(String database, String name, Optional<String> at) {
    var fields = new TreeMap<>(Map.of("name", name));
    at.ifPresent(moment -> fields.put("at", moment));
    return post(database(database) + "/backups", fields);
  }

  /** All backups of a database. */
  public List<JsonNode> backups(String database) {
    return all(database(database) + "/backups", "backups");
  }

  /** Deletes a backup. */
  public void deleteBackup(String database, String name) {
    String path =
        database(database) + "/backups/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
    JsonNode unused = checked(send(HttpRequest.newBuilder(uri(path)).DELETE()));
  }

  /** Puts a database back to a backup of it. */
  public JsonNode restoreBackup(String database, String backup, Optional<String> keepAs) {
    var fields = new TreeMap<>(Map.of("backup", backup));
    keepAs.ifPresent(name -> fields.put("keep_as", name));
    return post(database(database) + "/restore", fields);
  }

  /** Puts a database back to how it was at a moment (ISO 8601). */
  public JsonNode restore(String database, String at, Optional<String> keepAs) {
    var fields = new TreeMap<>(Map.of("at", at));
    keepAs.ifPresent(name -> fields.put("keep_as", name));
    return post(database(database) + "/restore", fields);
  }

  /** Puts a branch back to how its parent is now. */
  public JsonNode reset(String database) {
    return checked(
        send(
            HttpRequest.newBuilder(uri(database(database) + "/reset"))
                .POST(BodyPublishers.noBody())));
  }

  /**
   * Has all checked that a database has stored.
   *
   * @param line gets each line of the answer as it comes
   */
  public void check(String database, Consumer<JsonNode> line) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(database(database) + "/check")).POST(BodyPublishers.noBody());
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    try (var lines = new LineStream(response.body(), SILENCE)) {
      if (response.statusCode() >= 400) {
        JsonNode unused = checked(response.statusCode(), body(lines.rest()));
      }
      for (String next = lines.next(); next != null; next = lines.next()) {
        line.accept(body(next));
      }
    }
  }

  /** What the next sweep of a database would do. */
  public JsonNode sweepPlan(String database) {
    return checked(send(HttpRequest.newBuilder(uri(database(database) + "/sweep")).GET()));
  }

  private static String database(String name) {
    return DATABASES + "/" + URLEncoder.encode(name, StandardCharsets.UTF_8);
  }

  /** Deletes a database with all that is in it. */
  public void deleteDatabase(String name) {
    JsonNode unused = checked(send(HttpRequest.newBuilder(uri(database(name))).DELETE()));
  }

  /** Nodes, shards and their owners, as the control plane sees them. */
  public JsonNode cluster() {
    return checked(send(HttpRequest.newBuilder(uri("/api/v2/cluster")).GET()));
  }

  /** What the one process that this client asks has open. */
  public JsonNode node() {
    return checked(send(HttpRequest.newBuilder(uri("/api/v2/node")).GET()));
  }

  /** Asks for a node's shards to be moved away. */
  public JsonNode drain(String node) {
    String path =
        "/api/v2/cluster/nodes/" + URLEncoder.encode(node, StandardCharsets.UTF_8) + "/drain";
    return checked(send(HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.noBody())));
  }

  private URI uri(String path) {
    return URI.create(base + path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> answer) {
    try {
      return http.send(request.timeout(DEADLINE).build(), answer);
    } catch (IOException e) {
      throw new CliException(
          ExitCode.USAGE,
          "no server answers at " + base,
          "Start one with ./sheaf up, or name its port with --http-port.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", null);
    }
  }

  private JsonNode checked(HttpResponse<String> response) {
    return checked(response.statusCode(), body(response));
  }

  private static JsonNode checked(int status, JsonNode body) {
    if (status >= 400) {
      String detail = body.path("detail").asText(body.path("title").asText("HTTP " + status));
      throw new CliException(ExitCode.FAILED, detail, body.path("hint").asText(null));
    }
    return body;
  }

  private JsonNode body(HttpResponse<String> response) {
    return body(response.body());
  }

  private JsonNode body(String text) {
    try {
      return json.readTree(text);
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, base + " does not answer as a Sheaf server does", null);
    }
  }
}
