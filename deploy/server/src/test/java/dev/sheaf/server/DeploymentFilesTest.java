package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * What {@code deploy/} says about containers, without a container engine: every process gets
 * settings that the server takes, every port and probe is one that it has.
 */
final class DeploymentFilesTest {
  private static final Path DEPLOY = Path.of("..");
  private static final List<Integer> PORTS = List.of(31_337, 31_338, 31_339);
  private static final String NEEDED =
      """
      etcd: {endpoints: ["http://etcd-0.etcd:2379", "http://etcd-1.etcd:2379"]}
      s3: {endpoint: "http://minio:9000", accessKey: a, secretKey: b}
      """;

  @TempDir Path folder;

  @Test
  void theImageSetsWhatTheServerTakes() throws IOException {
    String file = Files.readString(DEPLOY.resolve("container/Containerfile"));
    Map<String, String> environment = new TreeMap<>();
    Matcher variables = Pattern.compile("(SHEAF_[A-Z0-9_]+)=(\\S+)").matcher(file);
    while (variables.find()) {
      environment.put(variables.group(1), variables.group(2));
    }
    assertThat(read(environment).data()).hasToString("/var/lib/sheaf");
    assertThat(file).contains("EXPOSE 31337 31338 31339").contains("USER 10001:10001");
    Matcher copies =
        Pattern.compile("^COPY (deploy/container/.*) \\S+$", Pattern.MULTILINE).matcher(file);
    assertThat(copies.find()).isTrue();
    for (String name : copies.group(1).split(" ")) {
      assertThat(DEPLOY.resolve("..").resolve(name)).exists();
    }
  }

  @Test
  void composeRunsEveryRoleWithSettingsThatTheServerTakes() throws IOException {
    Map<String, Object> compose =
        new Yaml().load(Files.readString(DEPLOY.resolve("compose/compose.yaml")));
    List<String> roles = new ArrayList<>();
    Map<String, Object> services = map(compose.get("services"));
    services.forEach((name, value) -> {
      Map<String, Object> service = map(value);
      Map<String, String> environment = texts(map(service.getOrDefault("environment", Map.of())));
      if (environment.containsKey("SHEAF_ROLES")) {
        SheafConfig config = read(environment);
        roles.add(config.roles().orElseThrow().iterator().next().text());
        assertThat(config.node()).contains(name);
        assertThat(config.rpc().advertisedHost()).contains(name);
        for (Object port : (List<?>) service.getOrDefault("ports", List.of())) {
          assertThat(port.toString()).startsWith("127.0.0.1:");
          assertThat(PORTS).contains(Integer.valueOf(port.toString().replaceFirst(".*:", "")));
        }
      }
    });
    assertThat(roles).contains("safekeeper", "control", "pageserver", "compute");
  }

  @Test
  void theChartIsSound() {
    var lint = new Helm(DEPLOY.resolve("helm/sheaf").toAbsolutePath().normalize()).lint().call();
    assertThat(lint.isFailed()).as("%s", lint.getMessages()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tls: {flightSecret: flight, clusterSecret: cluster}",
        "settings: {lease-ttl: 5s, query.parallelism: 2}",
        "safekeepers: {count: 1}",
        "networkPolicy: {enabled: false}",
      })
  void theChartRunsEveryRoleWithSettingsThatTheServerTakes(String values) throws IOException {
    Map<String, Map<String, Object>> pods = new LinkedHashMap<>();
    for (Map<String, Object> resource : render(NEEDED + values)) {
      String kind = resource.get("kind").toString();
      if (kind.equals("StatefulSet") || kind.equals("Deployment")) {
        Map<String, Object> pod = map(at(resource, "spec", "template", "spec"));
        pods.put(at(resource, "metadata", "name").toString(), pod);
        assertThat(at(resource, "spec", "selector", "matchLabels"))
            .isEqualTo(
                subset(
                    at(resource, "spec", "template", "metadata", "labels"),
                    "name",
                    "instance",
                    "component"));
      }
      if (kind.equals("Service")) {
        for (Object port : (List<?>) at(resource, "spec", "ports")) {
          assertThat(PORTS).contains((Integer) map(port).get("port"));
        }
      }
    }
    assertThat(pods)
        .containsOnlyKeys(
            "db-sheaf-safekeeper", "db-sheaf-pageserver", "db-sheaf-compute", "db-sheaf-control");
    pods.forEach(DeploymentFilesTest::check);
  }

  private static void check(String name, Map<String, Object> pod) {
    assertThat(pod.get("enableServiceLinks")).as(name).isEqualTo(false);
    assertThat(at(pod, "securityContext", "runAsNonRoot")).as(name).isEqualTo(true);
    Map<String, Object> container = map(((List<?>) pod.get("containers")).getFirst());
    Map<String, String> environment = new TreeMap<>();
    for (Object variable : (List<?>) container.get("env")) {
      Object value = map(variable).get("value");
      environment.put(map(variable).get("name").toString(), value == null ? "x" : value.toString());
    }
    environment.remove("POD_NAME");
    environment.remove("POD_IP");
    environment.replaceAll((key, value) -> value.replaceAll("\\$\\(\\w+\\)", "pod-0"));
    // Secrets are not here, and files must be readable.
    environment.replaceAll(
        (key, value) -> key.contains("_TLS_") ? OperationsPageTest.PAGE.toString() : value);
    SheafConfig config = read(environment);
    assertThat(name).endsWith(config.roles().orElseThrow().iterator().next().text());
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertThat(at(container, probe, "httpGet", "path").toString()).startsWith("/q/health/");
      assertThat(at(container, probe, "httpGet", "port")).isEqualTo("http");
    }
    for (Object port : (List<?>) container.get("ports")) {
      assertThat(PORTS).contains((Integer) map(port).get("containerPort"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"safekeepers: {count: 2}", "nonsense: 1", "computes: {count: 0}"})
  void valuesThatMakeNoSenseAreRefused(String values) {
    assertThatThrownBy(() -> render(NEEDED + values)).hasMessageContaining("schema");
  }

  private List<Map<String, Object>> render(String values) throws IOException {
    String text =
        new Helm(DEPLOY.resolve("helm/sheaf").toAbsolutePath().normalize())
            .template()
            .withName("db")
            .withNamespace("prod")
            .withValuesFile(Files.writeString(folder.resolve("values.yaml"), values))
            .call();
    List<Map<String, Object>> resources = new ArrayList<>();
    for (Object resource : new Yaml().loadAll(text)) {
      if (resource != null) {
        resources.add(map(resource));
      }
    }
    return resources;
  }

  /** As the server reads its environment. */
  private static SheafConfig read(Map<String, String> environment) {
    assertThat(SettingNames.strangers(environment)).isEmpty();
    Map<String, String> names = new TreeMap<>();
    SettingNames.defaults().keySet().forEach(name -> names.put(SettingNames.variable(name), name));
    Map<String, String> settings = new TreeMap<>();
    environment.forEach((variable, value) -> settings.put(names.get(variable), value));
    return Settings.of(settings);
  }

  @SuppressWarnings("unchecked") // YAML's maps have names of fields as keys
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static Map<String, String> texts(Map<String, Object> values) {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((key, value) -> texts.put(key, value.toString()));
    return texts;
  }

  private static Object at(Map<String, Object> resource, String... path) {
    Object value = resource;
    for (String field : path) {
      value = map(value).get(field);
    }
    return value;
  }

  private static Map<String, Object> subset(Object labels, String... names) {
    Map<String, Object> chosen = new TreeMap<>();
    for (String name : names) {
      String key = "app.kubernetes.io/" + name;
      chosen.put(key, map(labels).get(key));
    }
    return chosen;
  }
}
