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
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The REST interface of a whole server, as a client sees it. */
@QuarkusTest
class RestContractTest {
  private static final String DATABASES = "/api/v2/databases";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Every "METHOD path status" that some test has seen. */
  private final Set<String> seen = new TreeSet<>();

  private final HttpClient http = HttpClient.newHttpClient();

  @TestHTTPResource("/")
  URI base;

  private record Answer(HttpResponse<String> response, JsonNode body) {
    int status() {
      return response.statusCode();
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path));
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      if (response.statusCode() >= 400) {
        assertThat(type).isEqualTo("application/problem+json");
      }
      JsonNode body =
          type.contains("json") && !type.contains("ndjson") ? JSON.readTree(response.body()) : null;
      if (response.statusCode() >= 400) {
        assertThat(body.path("status").asInt()).isEqualTo(response.statusCode());
        assertThat(body.path("type").asText()).startsWith("urn:sheaf:problem:");
        assertThat(body.path("request_id").asText())
            .isNotEmpty()
            .isEqualTo(response.headers().firstValue("X-Request-Id").orElseThrow());
        for (String field : List.of("title", "detail", "code")) {
          assertThat(body.path(field).asText()).as(field).isNotEmpty();
        }
      }
      String path =
          response
              .uri()
              .getPath()
              .replaceFirst(
                  "(?<=/api/v2/databases/)(?:(?!/(?:branches|restore|reset|check|sweep)$).)*",
                  "{name}")
              .replaceFirst("(?<=/cluster/nodes/)[^/]*", "{name}");
      seen.add(response.request().method() + " " + path + " " + response.statusCode());
      return new Answer(response, body);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpRequest.Builder post(String body) {
    return request(DATABASES)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  private Answer create(String name) {
    return send(post("{\"name\":\"" + name + "\"}"));
  }

  private Answer get(String path) {
    return send(request(path).GET());
  }

  private Answer delete(String name) {
    return send(request(DATABASES + "/" + name).DELETE());
  }

  private List<String> names() {
    var names = new ArrayList<String>();
    get(DATABASES + "?limit=100")
        .body()
        .path("databases")
        .forEach(database -> names.add(database.path("name").asText()));
    return names;
  }

  /** Branches before what they branch off. */
  @AfterEach
  void deleteAll() {
    for (int tries = 0; tries < 10 && !names().isEmpty(); tries++) {
      names().forEach(this::delete);
    }
    assertThat(names()).isEmpty();
  }

  private Answer post(String path, String body) {
    return send(
        request(DATABASES + path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  @Test
  void branches() {
    create("shop");
    Answer made = post("/shop/branches", "{\"name\":\"dev\"}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.response().headers().firstValue("Location")).contains(DATABASES + "/shop@dev");
    assertThat(made.body().path("name").asText()).isEqualTo("shop@dev");
    assertThat(made.body().path("state").asText()).isEqualTo("ready");
    assertThat(made.body().path("parent").asText()).isEqualTo("shop");
    assertThat(made.body().path("past_kept").asText()).isEqualTo("PT168H");
    String moment = made.body().path("branched_at").asText();
    Answer nested = post("/shop@dev/branches", "{\"name\":\"test\",\"at\":\"" + moment + "\"}");
    assertThat(nested.body().path("name").asText()).isEqualTo("shop@test");
    assertThat(nested.body().path("parent").asText()).isEqualTo("shop@dev");

    JsonNode list = get(DATABASES + "/shop/branches").body();
    assertThat(list.path("databases")).hasSize(1);
    assertThat(list.at("/databases/0/id")).isEqualTo(made.body().path("id"));
    assertThat(get(DATABASES + "/shop%40dev").body().path("id")).isEqualTo(made.body().path("id"));
    Answer refused = delete("shop");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body().path("detail").asText()).contains("shop@dev");

    Answer changed =
        send(
            request(DATABASES + "/shop")
                .header("Content-Type", "application/json")
                .method("PATCH", BodyPublishers.ofString("{\"past_kept\":\"P30D\"}")));
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.body().path("past_kept").asText()).isEqualTo("PT720H");
  }

  @Test
  void restoresAndResets() {
    JsonNode shop = create("shop").body();
    JsonNode dev = post("/shop/branches", "{\"name\":\"dev\"}").body();
    String moment = dev.path("branched_at").asText();

    Answer restored = post("/shop/restore", "{\"at\":\"" + moment + "\",\"keep_as\":\"kept\"}");
    assertThat(restored.status()).isEqualTo(200);
    assertThat(restored.body().path("name").asText()).isEqualTo("shop");
    assertThat(restored.body().path("parent").asText()).isEqualTo("shop@kept");
    assertThat(get(DATABASES + "/shop@kept").body().path("id")).isEqualTo(shop.path("id"));

    Answer reset = send(request(DATABASES + "/shop@dev/reset").POST(BodyPublishers.noBody()));
    assertThat(reset.status()).isEqualTo(200);
    assertThat(reset.body().path("name").asText()).isEqualTo("shop@dev");
    assertThat(reset.body().path("id")).isNotEqualTo(dev.path("id"));
    assertThat(reset.body().path("parent").asText()).isEqualTo("shop@kept");
    assertThat(send(request(DATABASES + "/shop@kept/reset").POST(BodyPublishers.noBody())).status())
        .isEqualTo(409);
  }

  private List<JsonNode> check(String database) {
    Answer answer =
        send(request(DATABASES + "/" + database + "/check").POST(BodyPublishers.noBody()));
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .contains("application/x-ndjson");
    return answer.response().body().lines().map(RestContractTest::json).toList();
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }

  @Test
  void looksIntoWhatIsStored() {
    create("shop");
    post("/shop/branches", "{\"name\":\"dev\"}");
    for (String database : List.of("shop", "shop@dev")) {
      List<JsonNode> lines = check(database);
      JsonNode result = lines.getLast().path("result");
      assertThat(result.path("findings").asInt(-1)).as("%s", lines).isZero();
      assertThat(result.path("objects")).isEqualTo(result.path("all_objects"));
    }
    assertThat(check("shop@dev").getLast().at("/result/manifests").asLong()).isPositive();
    JsonNode plan = get(DATABASES + "/shop/sweep").body();
    assertThat(plan.path("deleted_objects").asInt(-1)).isZero();
    assertThat(plan.path("objects").isArray()).isTrue();
    assertThat(post("/none/check", "").status()).isEqualTo(404);
    assertThat(post("/Shop/check", "").status()).isEqualTo(400);
    assertThat(get(DATABASES + "/none/sweep").status()).isEqualTo(404);
    assertThat(get(DATABASES + "/Shop/sweep").status()).isEqualTo(400);
  }

  private HttpRequest.Builder patch(String path, String body) {
    return request(DATABASES + path)
        .header("Content-Type", "application/json")
        .method("PATCH", BodyPublishers.ofString(body));
  }

  private HttpRequest.Builder postTo(String path, String body) {
    return request(DATABASES + path)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(body));
  }

  /** On a server with a database shop that has a branch dev. */
  private Stream<BadRequest> badBranchRequests() {
    String branches = "/shop/branches";
    String restore = "/shop/restore";
    return Stream.of(
        new BadRequest("taken", postTo(branches, "{\"name\":\"dev\"}"), 409, "42P04"),
        new BadRequest("no name", postTo(branches, "{}"), 400, "invalid_field"),
        new BadRequest("bad name", postTo(branches, "{\"name\":\"a@b\"}"), 400, "22023"),
        new BadRequest(
            "no moment",
            postTo(branches, "{\"name\":\"a\",\"at\":\"yesterday\"}"),
            400,
            "invalid_field"),
        new BadRequest(
            "long ago",
            postTo(branches, "{\"name\":\"a\",\"at\":\"1999-01-01T00:00:00Z\"}"),
            400,
            "72000"),
        new BadRequest(
            "future",
            postTo(branches, "{\"name\":\"a\",\"at\":\"2999-01-01T00:00:00+01:00\"}"),
            400,
            "22023"),
        new BadRequest("no parent", postTo("/none/branches", "{\"name\":\"a\"}"), 404, "3D000"),
        new BadRequest(
            "untyped branch",
            request(DATABASES + branches).POST(BodyPublishers.ofString("{}")),
            415,
            "unsupported_media_type"),
        new BadRequest("none listed", request(DATABASES + "/none/branches"), 404, "3D000"),
        new BadRequest("bad list", request(DATABASES + branches + "?limit=0"), 400, "22023"),
        new BadRequest("created as one", post("{\"name\":\"shop@x\"}"), 400, "22023"),
        new BadRequest("no at", postTo(restore, "{}"), 400, "invalid_field"),
        new BadRequest(
            "restore nothing",
            postTo("/none/restore", "{\"at\":\"2999-01-01T00:00:00Z\"}"),
            404,
            "3D000"),
        new BadRequest(
            "kept name taken",
            postTo(restore, "{\"at\":\"" + Instant.now() + "\",\"keep_as\":\"dev\"}"),
            409,
            "42P04"),
        new BadRequest(
            "untyped restore",
            request(DATABASES + restore).POST(BodyPublishers.ofString("{}")),
            415,
            "unsupported_media_type"),
        new BadRequest("reset root", postTo("/shop/reset", "{}"), 409, "55000"),
        new BadRequest("reset none", postTo("/none/reset", "{}"), 404, "3D000"),
        new BadRequest("reset upper", postTo("/Shop/reset", "{}"), 400, "22023"),
        new BadRequest("not kept", patch("/shop", "{\"past_kept\":\"-P1D\"}"), 400, "22023"),
        new BadRequest(
            "no duration", patch("/shop", "{\"past_kept\":\"a week\"}"), 400, "invalid_field"),
        new BadRequest("patch none", patch("/none", "{\"past_kept\":\"P1D\"}"), 404, "3D000"),
        new BadRequest(
            "untyped patch",
            request(DATABASES + "/shop").method("PATCH", BodyPublishers.ofString("{}")),
            415,
            "unsupported_media_type"));
  }

  @Test
  void answersBadRequestsAboutBranchesWithProblems() {
    create("shop");
    post("/shop/branches", "{\"name\":\"dev\"}");
    badBranchRequests()
        .forEach(bad -> {
          Answer answer = send(bad.request());
          assertThat(answer.status()).as(bad.name()).isEqualTo(bad.status());
          assertThat(answer.body().path("code").asText()).as(bad.name()).isEqualTo(bad.code());
        });
    assertThat(names()).containsExactly("shop", "shop@dev");
  }

  @Test
  void createsShowsAndDeletes() {
    Answer made = create("shop");

    assertThat(made.status()).isEqualTo(201);
    assertThat(made.response().headers().firstValue("Location")).contains(DATABASES + "/shop");
    assertThat(made.body().path("id").asText()).matches("shop-[0-9a-z]{12}");
    assertThat(made.body().path("state").asText()).isEqualTo("ready");
    assertThat(made.body().at("/operations/0/status").asText()).isEqualTo("finished");
    assertThat(made.body().at("/connection_uris/jdbc").asText())
        .matches("jdbc:arrow-flight-sql://127.0.0.1:\\d+/\\?useEncryption=false&database=shop");

    Answer shown = get(DATABASES + "/shop");
    assertThat(shown.status()).isEqualTo(200);
    assertThat(shown.body().path("id")).isEqualTo(made.body().path("id"));
    assertThat(create("shop").status()).isEqualTo(409);

    Answer gone = delete("shop");
    assertThat(gone.status()).isEqualTo(200);
    assertThat(gone.body().path("state").asText()).isEqualTo("deleted");
    assertThat(get(DATABASES + "/shop").status()).isEqualTo(404);
    assertThat(delete("shop").status()).isEqualTo(404);
    assertThat(create("shop").body().path("id")).isNotEqualTo(made.body().path("id"));
  }

  @Test
  void showsTheCluster() {
    create("shop");
    JsonNode cluster = get("/api/v2/cluster").body();

    assertThat(cluster.at("/shards/0/database").asText()).isEqualTo("shop");
    assertThat(cluster.at("/shards/0/owner").asText()).isEqualTo("standalone");
    assertThat(cluster.at("/shards/0/serving").asBoolean()).isTrue();
    assertThat(cluster.at("/shards/0/term").asLong()).isPositive();
    assertThat(cluster.path("nodes").isArray()).isTrue();
    assertThat(cluster.has("leader")).isFalse();
    assertThat(
            send(request("/api/v2/cluster/nodes/x/drain").POST(BodyPublishers.noBody())).status())
        .isEqualTo(404);
  }

  @Test
  void pages() {
    for (String name : List.of("b", "c", "a")) {
      create(name);
    }
    Answer first = get(DATABASES + "?limit=2");
    String cursor = first.body().path("next_cursor").asText();
    Answer second = get(DATABASES + "?limit=2&cursor=" + cursor);

    assertThat(first.body().at("/databases/0/name").asText()).isEqualTo("a");
    assertThat(first.body().at("/databases/1/name").asText()).isEqualTo("b");
    assertThat(second.body().at("/databases/0/name").asText()).isEqualTo("c");
    assertThat(second.body().has("next_cursor")).isFalse();
    assertThat(get(DATABASES + "?limit=1000000000").body().path("databases")).hasSize(3);
  }

  @Test
  void aRepeatedRequestGetsTheSameAnswer() {
    String key = "key-" + System.nanoTime();
    Answer first = send(post("{\"name\":\"once\"}").header("Idempotency-Key", key));
    Answer again = send(post("{\"name\":\"once\"}").header("Idempotency-Key", key));

    assertThat(again.status()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(send(post("{\"name\":\"other\"}").header("Idempotency-Key", key)).status())
        .isEqualTo(422);
    assertThat(send(post("{\"name\":\"once\"}").header("Idempotency-Key", "a b")).status())
        .isEqualTo(400);
    assertThat(names()).containsExactly("once");
  }

  private record BadRequest(String name, HttpRequest.Builder request, int status, String code) {}

  private Stream<BadRequest> badRequests() {
    String big = " ".repeat(65 * 1024);
    var huge = BodyPublishers.ofByteArray(new byte[5 << 20]);
    var chunked =
        BodyPublishers.ofByteArrays(
            () -> Stream.generate(() -> new byte[1 << 16]).limit(100).iterator());
    return Stream.of(
        new BadRequest("no body", post(""), 400, "malformed_json"),
        new BadRequest("half", post("{\"name\":"), 400, "malformed_json"),
        new BadRequest("array", post("[]"), 400, "malformed_json"),
        new BadRequest("deep", post("[".repeat(10_000)), 400, "malformed_json"),
        new BadRequest("deep object", post("{\"name\":".repeat(5_000)), 400, "malformed_json"),
        new BadRequest("after", post("{\"name\":\"a\"}{}"), 400, "malformed_json"),
        new BadRequest("twice", post("{\"name\":\"a\",\"name\":\"b\"}"), 400, "malformed_json"),
        new BadRequest("nothing", post("{}"), 400, "invalid_field"),
        new BadRequest("null", post("{\"name\":null}"), 400, "invalid_field"),
        new BadRequest("number", post("{\"name\":1e309}"), 400, "invalid_field"),
        new BadRequest("more", post("{\"name\":\"a\",\"role\":\"admin\"}"), 400, "unknown_field"),
        new BadRequest("dots", post("{\"name\":\"..\"}"), 400, "22023"),
        new BadRequest("NUL", post("{\"name\":\"a\\u0000\"}"), 400, "22023"),
        new BadRequest("long", post("{\"name\":\"" + "a".repeat(64) + "\"}"), 400, "22023"),
        new BadRequest("large", post(big), 413, "body_too_large"),
        new BadRequest(
            "huge",
            request(DATABASES).header("Content-Type", "application/json").POST(huge),
            413,
            "body_too_large"),
        new BadRequest(
            "chunked",
            request(DATABASES).header("Content-Type", "application/json").POST(chunked),
            413,
            "body_too_large"),
        new BadRequest(
            "text",
            request(DATABASES)
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{\"name\":\"a\"}")),
            415,
            "unsupported_media_type"),
        new BadRequest(
            "untyped",
            request(DATABASES).POST(BodyPublishers.ofString("{\"name\":\"a\"}")),
            415,
            "unsupported_media_type"),
        new BadRequest(
            "method", request(DATABASES).PUT(BodyPublishers.noBody()), 405, "method_not_allowed"),
        new BadRequest(
            "patch",
            request(DATABASES).method("PATCH", BodyPublishers.noBody()),
            405,
            "method_not_allowed"),
        new BadRequest("limit", request(DATABASES + "?limit=0"), 400, "22023"),
        new BadRequest("limit text", request(DATABASES + "?limit=NaN"), 400, "22023"),
        new BadRequest("limit twice", request(DATABASES + "?limit=1&limit=2"), 400, "22023"),
        new BadRequest("sort", request(DATABASES + "?sort=name"), 400, "22023"),
        new BadRequest("cursor", request(DATABASES + "?cursor=forged"), 400, "22023"),
        new BadRequest("up", request(DATABASES + "/%2e%2e%2fetc"), 400, "22023"),
        new BadRequest("upper", request(DATABASES + "/Shop"), 400, "22023"),
        new BadRequest("delete upper", request(DATABASES + "/Shop").DELETE(), 400, "22023"),
        new BadRequest("absent", request(DATABASES + "/absent"), 404, "3D000"),
        new BadRequest("api", request("/api/v2/nothing"), 404, "not_found"),
        new BadRequest("root", request("/nothing"), 404, "not_found"),
        new BadRequest("q", request("/q/nothing"), 404, "not_found"));
  }

  @TestFactory
  Stream<DynamicTest> answersBadRequestsWithProblems() {
    return badRequests()
        .map(bad ->
            DynamicTest.dynamicTest(
                bad.name(),
                () -> {
                  Answer answer = send(bad.request());
                  assertThat(answer.status()).isEqualTo(bad.status());
                  assertThat(answer.body().path("code").asText()).isEqualTo(bad.code());
                  assertThat(names()).isEmpty();
                }));
  }

  /** Every documented route and status is answered so by the server, and no other is. */
  @Test
  void theDescriptionSaysWhatTheServerDoes() {
    JsonNode document = get("/q/openapi").body();
    createsShowsAndDeletes();
    deleteAll();
    aRepeatedRequestGetsTheSameAnswer();
    deleteAll();
    showsTheCluster();
    showsOpenShards();
    deleteAll();
    branches();
    deleteAll();
    restoresAndResets();
    deleteAll();
    looksIntoWhatIsStored();
    deleteAll();
    answersBadRequestsAboutBranchesWithProblems();
    deleteAll();
    badRequests().forEach(bad -> send(bad.request()));

    var described = new HashSet<String>();
    document
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
    // The latter are BackupContractTest's.
    described.removeIf(answer -> answer.endsWith(" default") || answer.contains("/backups"));
    // Only a store that fails in the middle of a delete leaves one running.
    assertThat(described.remove("DELETE /api/v2/databases/{name} 202")).isTrue();
    // Nor does one process alone need longer for them than a request may take.
    for (String request : List.of("restore", "reset")) {
      assertThat(described.remove("POST /api/v2/databases/{name}/" + request + " 202")).isTrue();
    }
    // One process alone has no page server that could be drained.
    for (String status : List.of("202", "409")) {
      assertThat(described.remove("POST /api/v2/cluster/nodes/{name}/drain " + status)).isTrue();
    }
    seen.removeIf(answer -> answer.endsWith(" 405") || answer.contains("/nothing "));
    assertThat(seen).containsExactlyInAnyOrderElementsOf(described);
  }

  @Test
  void showsOpenShards() {
    create("shop");

    JsonNode shard = get("/api/v2/node").body().at("/shards/0");
    assertThat(shard.path("database_id").asText()).startsWith("shop-");
    assertThat(shard.path("serving").asBoolean()).isTrue();
    assertThat(shard.path("term").asLong()).isPositive();
    assertThat(shard.at("/safekeepers/0/node").asText()).isEqualTo("safekeeper-1");
    assertThat(shard.at("/safekeepers/0/flushed").asLong())
        .isEqualTo(shard.path("committed").asLong());
  }

  @Test
  void everyMetricIsOnTheOperationsPage() throws IOException {
    create("shop");

    String page = Files.readString(OperationsPageTest.PAGE);
    Matcher names =
        Pattern.compile("^# TYPE (sheaf_\\w+)", Pattern.MULTILINE)
            .matcher(get("/q/metrics").response().body());
    assertThat(names.results().map(name -> name.group(1)).filter(name -> !name.endsWith("_max")))
        .hasSizeGreaterThan(15)
        .allSatisfy(name -> assertThat(page).contains("`" + name));
  }

  @Test
  void tellsHowItIs() {
    create("shop");

    for (String check : List.of("started", "live", "ready")) {
      assertThat(get("/q/health/" + check).body().path("status").asText())
          .as(check)
          .isEqualTo("UP");
    }
    HttpResponse<String> metrics = get("/q/metrics").response();
    assertThat(metrics.body())
        .contains("sheaf_databases 1.0")
        .contains("sheaf_sessions ")
        .contains("sheaf_log_append_seconds_count")
        .contains("sheaf_commit_seconds_count");
    HttpResponse<String> page = get("/").response();
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body())
        .contains("<title>Sheaf</title>")
        .doesNotContain("src=", "http://", "https://");
  }
}
