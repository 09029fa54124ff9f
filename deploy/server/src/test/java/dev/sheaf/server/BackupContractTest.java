package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What REST says of backups, as a client of a whole server sees it. */
@QuarkusTest
class BackupContractTest {
  private static final String DATABASES = "/api/v2/databases";
  private static final String BACKUPS = DATABASES + "/shop/backups";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Every "METHOD path status" of backups that a test has seen. */
  private final Set<String> seen = new TreeSet<>();

  private final HttpClient http = HttpClient.newHttpClient();

  @TestHTTPResource("/")
  URI base;

  private record Answer(HttpResponse<String> response, JsonNode body) {
    int status() {
      return response.statusCode();
    }

    String code() {
      return body.path("code").asText();
    }

    String text(String field) {
      return body.path(field).asText();
    }
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      String path = response.uri().getPath();
      if (path.contains("/backups")) {
        String general =
            path.replaceFirst("databases/[^/]*", "databases/{name}")
                .replaceFirst("backups/.+", "backups/{backup}");
        seen.add(response.request().method() + " " + general + " " + response.statusCode());
      }
      JsonNode body = JSON.readTree(response.body());
      if (response.statusCode() >= 400) {
        assertThat(response.headers().firstValue("Content-Type"))
            .contains("application/problem+json");
        assertThat(body.path("status").asInt()).isEqualTo(response.statusCode());
        assertThat(body.path("detail").asText()).isNotEmpty();
      }
      return new Answer(response, body);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path));
  }

  private Answer get(String path) {
    return send(request(path).GET());
  }

  private Answer delete(String path) {
    return send(request(path).DELETE());
  }

  private Answer post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.replace('\'', '"'))));
  }

  private List<String> names(String path, String list) {
    var names = new ArrayList<String>();
    get(path).body().path(list).forEach(each -> names.add(each.path("name").asText()));
    return names;
  }

  @BeforeEach
  void createShop() {
    assertThat(post(DATABASES, "{'name':'shop'}").status()).isEqualTo(201);
  }

  /** Backups and branches before what they share with. */
  @AfterEach
  void deleteAll() {
    for (int tries = 0; tries < 10; tries++) {
      for (String database : names(DATABASES, "databases")) {
        String path = DATABASES + "/" + database;
        names(path + "/backups", "backups").forEach(name -> delete(path + "/backups/" + name));
        delete(path);
      }
    }
    assertThat(names(DATABASES, "databases")).isEmpty();
  }

  @Test
  void takesShowsAndDeletes() {
    String id = get(DATABASES + "/shop").text("id");
    Answer taken = post(BACKUPS, "{'name':'nightly'}");
    assertThat(taken.status()).isEqualTo(201);
    assertThat(taken.response().headers().firstValue("Location")).contains(BACKUPS + "/nightly");
    assertThat(taken.text("name")).isEqualTo("nightly");
    assertThat(taken.text("database")).isEqualTo("shop");
    assertThat(taken.text("state")).isEqualTo("ready");
    Instant at = Instant.parse(taken.text("at"));
    assertThat(Instant.parse(taken.text("created_at"))).isNotNull();

    Answer dated = post(BACKUPS, "{'name':'weekly','at':'" + at + "'}");
    assertThat(dated.status()).isEqualTo(201);
    assertThat(Instant.parse(dated.text("at"))).isEqualTo(at);
    assertThat(get(BACKUPS + "/nightly").text("id")).isEqualTo(taken.text("id"));

    assertThat(names(DATABASES, "databases")).containsExactly("shop");
    assertThat(names(DATABASES + "/shop/branches", "databases")).isEmpty();
    assertThat(get("/api/v2/cluster").body().path("shards"))
        .as("nobody opens a backup")
        .noneMatch(shard -> shard.path("database_id").asText().equals(taken.text("id")));
    assertThat(get(DATABASES + "/shop~nightly").code()).isEqualTo("22023");

    Answer refused = delete(DATABASES + "/shop");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("2BP01");
    assertThat(refused.text("detail")).contains("shop~nightly").contains("shop~weekly");
    assertThat(get(DATABASES + "/shop").text("id")).isEqualTo(id);

    Answer gone = delete(BACKUPS + "/nightly");
    assertThat(gone.status()).isEqualTo(200);
    assertThat(gone.text("state")).isEqualTo("deleted");
    assertThat(get(BACKUPS + "/nightly").code()).isEqualTo("42704");
    assertThat(delete(BACKUPS + "/nightly").status()).isEqualTo(404);
    assertThat(names(BACKUPS, "backups")).containsExactly("weekly");
  }

  @Test
  void pages() {
    for (String name : List.of("b", "c", "a")) {
      post(BACKUPS, "{'name':'" + name + "'}");
    }
    // Those of another database, and of a branch, are not among them.
    post(DATABASES, "{'name':'shoe'}");
    post(DATABASES + "/shoe/backups", "{'name':'other'}");
    post(DATABASES + "/shop/branches", "{'name':'dev'}");
    post(DATABASES + "/shop@dev/backups", "{'name':'other'}");
    Answer first = get(BACKUPS + "?limit=2");
    assertThat(first.body().at("/backups/0/name").asText()).isEqualTo("a");
    assertThat(first.body().at("/backups/1/name").asText()).isEqualTo("b");
    Answer second = get(BACKUPS + "?limit=2&cursor=" + first.text("next_cursor"));
    assertThat(second.body().at("/backups/0/name").asText()).isEqualTo("c");
    assertThat(second.body().has("next_cursor")).isFalse();
    assertThat(names(DATABASES + "/shop@dev/backups", "backups")).containsExactly("other");
  }

  @Test
  void branchesAndRestores() {
    String id = get(DATABASES + "/shop").text("id");
    String at = post(BACKUPS, "{'name':'nightly'}").text("at");
    Answer branch = post(DATABASES + "/shop/branches", "{'name':'dev','backup':'nightly'}");
    assertThat(branch.status()).isEqualTo(201);
    assertThat(branch.text("name")).isEqualTo("shop@dev");
    assertThat(branch.text("state")).isEqualTo("ready");
    assertThat(branch.text("branched_at")).isEqualTo(at);

    Answer restored = post(DATABASES + "/shop/restore", "{'backup':'nightly','keep_as':'kept'}");
    assertThat(restored.status()).isEqualTo(200);
    assertThat(restored.text("name")).isEqualTo("shop");
    assertThat(restored.text("branched_at")).isEqualTo(at);
    assertThat(get(DATABASES + "/shop@kept").text("id")).isEqualTo(id);
    assertThat(names(BACKUPS, "backups")).containsExactly("nightly");
    assertThat(names(DATABASES + "/shop@kept/backups", "backups")).isEmpty();
    assertThat(delete(DATABASES + "/shop").code()).isEqualTo("2BP01");
  }

  private void refuses(Answer answer, int status, String code) {
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void answersBadRequestsWithProblems() {
    post(BACKUPS, "{'name':'nightly'}");
    refuses(post(BACKUPS, "{'name':'nightly'}"), 409, "42710");
    refuses(post(BACKUPS, "{}"), 400, "invalid_field");
    refuses(post(BACKUPS, "{'name':'a~b'}"), 400, "22023");
    refuses(post(BACKUPS, "{'name':'a','keep':true}"), 400, "unknown_field");
    refuses(post(BACKUPS, "{'name':'a','at':'yesterday'}"), 400, "invalid_field");
    refuses(post(BACKUPS, "{'name':'a','at':'1999-01-01T00:00:00Z'}"), 400, "72000");
    refuses(post(BACKUPS, "{'name':'a','at':'2999-01-01T00:00:00Z'}"), 400, "22023");
    refuses(
        send(request(BACKUPS).POST(BodyPublishers.ofString("{}"))), 415, "unsupported_media_type");
    for (String database : List.of("none", "shop@none")) {
      String backups = DATABASES + "/" + database + "/backups";
      refuses(post(backups, "{'name':'a'}"), 404, "3D000");
      refuses(get(backups), 404, "3D000");
      refuses(get(backups + "/nightly"), 404, "3D000");
      refuses(delete(backups + "/nightly"), 404, "3D000");
    }
    refuses(get(BACKUPS + "?limit=0"), 400, "22023");
    refuses(get(BACKUPS + "?cursor=forged"), 400, "22023");
    refuses(get(BACKUPS + "/Nightly"), 400, "22023");
    refuses(delete(BACKUPS + "/Nightly"), 400, "22023");

    String branches = DATABASES + "/shop/branches";
    refuses(post(branches, "{'name':'dev','backup':'weekly'}"), 404, "42704");
    refuses(post(branches, "{'name':'dev','backup':'a@b'}"), 400, "22023");
    String both = "'backup':'nightly','at':'" + Instant.now() + "'}";
    refuses(post(branches, "{'name':'dev'," + both), 400, "invalid_field");
    String restore = DATABASES + "/shop/restore";
    refuses(post(restore, "{" + both), 400, "invalid_field");
    refuses(post(restore, "{'backup':'weekly'}"), 404, "42704");
    refuses(post(restore, "{'keep_as':'kept'}"), 400, "invalid_field");
    refuses(post(DATABASES, "{'name':'shop~x'}"), 400, "22023");
    assertThat(names(BACKUPS, "backups")).containsExactly("nightly");
    assertThat(names(DATABASES, "databases")).containsExactly("shop");
  }

  /** Every documented status is answered so by the server, and no other is. */
  @Test
  void theDescriptionSaysWhatTheServerDoes() {
    takesShowsAndDeletes();
    deleteAll();
    createShop();
    answersBadRequestsWithProblems();
    var described = new HashSet<String>();
    get("/q/openapi")
        .body()
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation ->
                    operation
                        .getValue()
                        .path("responses")
                        .fieldNames()
                        .forEachRemaining(status ->
                            described.add(
                                operation.getKey().toUpperCase(Locale.ROOT)
                                    + " "
                                    + path.getKey()
                                    + " "
                                    + status))));
    described.removeIf(answer -> !answer.contains("/backups") || answer.endsWith(" default"));
    // Only a store that fails in the middle of a delete leaves one running.
    assertThat(described.remove("DELETE /api/v2/databases/{name}/backups/{backup} 202")).isTrue();
    assertThat(seen).containsExactlyInAnyOrderElementsOf(described);
  }
}
