package dev.sheaf.testkit.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One etcd process. Ends with the test's process at the latest. Not thread-safe. */
public final class EtcdMember implements AutoCloseable {
  private static final Pattern LEADER = Pattern.compile("\"leader\":\"(\\d+)\"");
  private static final Pattern MEMBER = Pattern.compile("\"member_id\":\"(\\d+)\"");
  private static final Pattern REVISION = Pattern.compile("\"revision\":\"(\\d+)\"");

  private final String name;
  private final URI client;
  private final URI health;
  private final List<String> command;
  private final Path log;
  private final HttpClient http;
  private @Nullable Process process;

  /**
   * @param health where it answers without TLS whether it is healthy
   * @param security further flags
   */
  EtcdMember(
      String name,
      Path folder,
      URI client,
      URI peer,
      URI health,
      String initialCluster,
      List<String> security,
      HttpClient http) {
    this.name = name;
    this.client = client;
    this.health = health;
    this.log = folder.resolve(name + ".log");
    this.http = http;
    var flags = new ArrayList<>(security);
    flags.addAll(
        0,
        List.of(
            "etcd",
            "--name=" + name,
            "--data-dir=" + folder.resolve(name),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-metrics-urls=" + health,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=" + initialCluster,
            "--logger=zap",
            "--log-level=error"));
    this.command = List.copyOf(flags);
  }

  public String name() {
    return name;
  }

  /** Where clients reach it. */
  public URI endpoint() {
    return client;
  }

  /** Starts it on its data, the present ones if it ran before. Does not wait until it serves. */
  public void start() {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException(name + " is running");
    }
    try {
      Process started =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      process = started;
      Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run etcd", e);
    }
  }

  /** SIGKILL; returns when the process is gone. */
  public void kill() {
    Process running = process;
    if (running == null) {
      return;
    }
    running.destroyForcibly();
    try {
      if (!running.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException(name + " cannot be killed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  /** SIGSTOP: it keeps its connections and answers nothing. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String signal) {
    if (process == null) {
      throw new IllegalStateException(name + " does not run");
    }
    try {
      boolean sent =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .inheritIO()
              .start()
              .waitFor(10, TimeUnit.SECONDS);
      if (!sent) {
        throw new IllegalStateException("SIG" + signal + " cannot be sent to " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean hasEnded() {
    return process != null && !process.isAlive();
  }

  /** Whether it takes part in a majority and answers. */
  boolean isHealthy() {
    var request =
        HttpRequest.newBuilder(health.resolve("/health")).timeout(Duration.ofSeconds(2)).build();
    try {
      String answer = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      return answer.replace("\"", "").contains("health:true");
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether this member is the leader by its own account; false if it does not answer. */
  boolean isLeader() {
    try {
      String status = post("/v3/maintenance/status", "{}");
      return number(LEADER, status) == number(MEMBER, status);
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Forgets all revisions before the present one. */
  void compact() {
    long revision = number(REVISION, post("/v3/maintenance/status", "{}"));
    post("/v3/kv/compaction", "{\"revision\":\"" + revision + "\",\"physical\":true}");
  }

  private static long number(Pattern pattern, String in) {
    Matcher matcher = pattern.matcher(in);
    return matcher.find() ? Long.parseUnsignedLong(matcher.group(1)) : 0;
  }

  private String post(String path, String body) {
    var request =
        HttpRequest.newBuilder(client.resolve(path))
            .timeout(Duration.ofSeconds(5))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(name + " answered " + answer.statusCode() + ": " + answer.body());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
  }

  /** What it has written to its log, at most the last two thousand characters. */
  String lastWords() {
    try {
      String all = Files.exists(log) ? Files.readString(log) : "";
      return all.substring(Math.max(0, all.length() - 2000));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    kill();
  }
}
