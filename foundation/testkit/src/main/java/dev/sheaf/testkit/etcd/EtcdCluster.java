package dev.sheaf.testkit.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/**
 * An etcd cluster of one or more members, the {@code etcd} of the PATH. Without one the test fails,
 * or is skipped if {@value #SKIP} is set to {@code skip}. Not thread-safe.
 */
public final class EtcdCluster implements AutoCloseable {
  /** Environment variable. */
  public static final String SKIP = "SHEAF_TESTS_WITHOUT_ETCD";

  private static final int STARTS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<EtcdMember> members;
  private final HttpClient http;

  private EtcdCluster(List<EtcdMember> members, HttpClient http) {
    this.members = members;
    this.http = http;
  }

  /** A new cluster that serves, with its data and logs in the folder. */
  public static EtcdCluster start(Path folder, int size) {
    return start(folder, size, "http", List.of());
  }

  /**
   * One member that speaks TLS with its clients and wants to see their certificates. All files are
   * PEM. {@link #leader} and {@link #compact} do not work with it.
   */
  public static EtcdCluster startSecured(
      Path folder, Path certificate, Path key, Path clientAuthorities) {
    return start(
        folder,
        1,
        "https",
        List.of(
            "--cert-file=" + certificate,
            "--key-file=" + key,
            "--client-cert-auth",
            "--trusted-ca-file=" + clientAuthorities));
  }

  private static EtcdCluster start(Path folder, int size, String scheme, List<String> security) {
    requireBinary();
    String failure = "";
    for (int attempt = 1; attempt <= STARTS; attempt++) {
      // Another process may take a port between our look and etcd's.
      EtcdCluster cluster = create(folder.resolve("etcd-" + attempt), size, scheme, security);
      cluster.members.forEach(EtcdMember::start);
      if (cluster.serves()) {
        return cluster;
      }
      failure = cluster.lastWords();
      cluster.close();
    }
    throw new IllegalStateException("etcd does not start: " + failure);
  }

  private static void requireBinary() {
    try {
      Process version =
          new ProcessBuilder("etcd", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!version.waitFor(10, TimeUnit.SECONDS)) {
        version.destroyForcibly();
        throw new IllegalStateException("etcd --version does not end");
      }
    } catch (IOException e) {
      String message = "no etcd in the PATH (Debian has it in the package etcd-server)";
      Assumptions.assumeFalse("skip".equals(System.getenv(SKIP)), message);
      throw new UncheckedIOException(
          message + "; to skip the tests that need it, set " + SKIP + "=skip", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static EtcdCluster create(Path folder, int size, String scheme, List<String> security) {
    try {
      Files.createDirectories(folder);
      List<Integer> ports = freePorts(3 * size);
      List<URI> clients = local(scheme, ports.subList(0, size));
      List<URI> peers = local("http", ports.subList(size, 2 * size));
      List<URI> health = local("http", ports.subList(2 * size, 3 * size));
      var named = new ArrayList<String>();
      for (int i = 0; i < size; i++) {
        named.add("m" + (i + 1) + "=" + peers.get(i));
      }
      HttpClient http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(Duration.ofSeconds(2))
              .build();
      var members = new ArrayList<EtcdMember>();
      for (int i = 0; i < size; i++) {
        members.add(
            new EtcdMember(
                "m" + (i + 1),
                folder,
                clients.get(i),
                peers.get(i),
                health.get(i),
                String.join(",", named),
                security,
                http));
      }
      return new EtcdCluster(List.copyOf(members), http);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<URI> local(String scheme, List<Integer> ports) {
    return ports.stream().map(port -> URI.create(scheme + "://127.0.0.1:" + port)).toList();
  }

  private static List<Integer> freePorts(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private boolean serves() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() - end < 0 && members.stream().noneMatch(EtcdMember::hasEnded)) {
      if (members.stream().allMatch(EtcdMember::isHealthy)) {
        return true;
      }
      pause();
    }
    return false;
  }

  /** Waits until all members take part and answer. */
  public void awaitHealthy() {
    if (!serves()) {
      throw new IllegalStateException("etcd does not recover: " + lastWords());
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private String lastWords() {
    return members.stream()
        .map(member -> member.name() + ": " + member.lastWords())
        .collect(Collectors.joining("\n"));
  }

  public List<EtcdMember> members() {
    return members;
  }

  /** Where clients reach the members. */
  public List<URI> endpoints() {
    return members.stream().map(EtcdMember::endpoint).toList();
  }

  /** The present leader, waited for if need be. */
  public EtcdMember leader() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() - end < 0) {
      Optional<EtcdMember> leader = members.stream().filter(EtcdMember::isLeader).findFirst();
      if (leader.isPresent()) {
        return leader.get();
      }
      pause();
    }
    throw new IllegalStateException("etcd has no leader: " + lastWords());
  }

  /** Forgets all revisions before the present one. */
  public void compact() {
    members.getFirst().compact();
  }

  @Override
  public void close() {
    members.forEach(EtcdMember::close);
    http.close();
  }
}
