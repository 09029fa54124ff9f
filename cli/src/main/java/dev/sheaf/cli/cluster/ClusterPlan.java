package dev.sheaf.cli.cluster;

import dev.sheaf.cli.cluster.ClusterOptions.S3Address;
import dev.sheaf.cli.process.ServerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Decides which processes make up a cluster, with their folders, ports and settings. */
final class ClusterPlan {
  private static final String HOST = "127.0.0.1";
  private static final String BUCKET = "sheaf";

  /** Survive the loss of one, however many safekeepers there are to choose from. */
  private static final int LOG_COPIES = 3;

  private final ClusterOptions options;
  private final Programs programs;
  private final FreePorts ports = new FreePorts();
  private final List<NodeSpec> nodes = new ArrayList<>();

  private ClusterPlan(ClusterOptions options, Programs programs) {
    this.options = options;
    this.programs = programs;
  }

  static ClusterState of(ClusterOptions options, Programs programs) {
    return new ClusterPlan(options, programs).plan();
  }

  private ClusterState plan() {
    // Wanted ports first: a free one picked later must not take them.
    int firstFlight = ports.take(options.flightPort());
    int firstHttp = ports.take(options.httpPort());
    List<String> etcd = options.etcd().isEmpty() ? startEtcd() : options.etcd();
    S3Address s3 = options.s3() == null ? startS3() : options.s3();
    List<String> shared = new ArrayList<>();
    shared.add("sheaf.etcd.endpoints=" + String.join(",", etcd));
    shared.add("sheaf.s3.endpoint=" + s3.endpoint());
    shared.add("sheaf.s3.bucket=" + s3.bucket());
    shared.add("sheaf.log-copies=" + (options.safekeepers() < LOG_COPIES ? 1 : LOG_COPIES));
    shared.addAll(options.settings());
    for (int i = 1; i <= options.safekeepers(); i++) {
      server(NodeRole.SAFEKEEPER, i, ports.take(0), "192m", shared, List.of());
    }
    for (int i = 1; i <= options.controls(); i++) {
      int http = i == 1 ? firstHttp : ports.take(0);
      server(NodeRole.CONTROL, i, http, "192m", shared, List.of());
    }
    for (int i = 1; i <= options.pageServers(); i++) {
      server(NodeRole.PAGESERVER, i, ports.take(0), "1g", shared, List.of());
    }
    var flight = new ArrayList<String>();
    for (int i = 1; i <= options.computes(); i++) {
      int port = i == 1 ? firstFlight : ports.take(0);
      flight.add(HOST + ":" + port);
      server(
          NodeRole.COMPUTE, i, ports.take(0), "1g", shared, List.of("sheaf.flight.port=" + port));
    }
    return new ClusterState(flight, firstHttp, options.asked(), nodes);
  }

  private Path folder(String node) {
    return options.data().resolve(node);
  }

  private void server(
      NodeRole role, int number, int http, String heap, List<String> shared, List<String> own) {
    String name = role.word() + "-" + number;
    int rpc = ports.take(0);
    List<String> settings = new ArrayList<>(shared);
    settings.add("sheaf.roles=" + role.word());
    settings.add("sheaf.node=" + name);
    settings.add("sheaf.rpc.port=" + rpc);
    settings.addAll(own);
    var server =
        new ServerOptions(folder(name), null, http, null, false, heap, List.copyOf(settings));
    var addresses = new ArrayList<String>();
    own.forEach(setting -> addresses.add("flight " + HOST + ":" + setting.split("=", 2)[1]));
    addresses.add("http " + HOST + ":" + http);
    addresses.add("rpc " + HOST + ":" + rpc);
    nodes.add(
        new NodeSpec(
            name,
            role,
            programs.server(server),
            "http://" + HOST + ":" + http + "/q/health/ready",
            addresses));
  }

  private List<String> startEtcd() {
    int count = options.etcdMembers();
    int[] clients = IntStream.range(0, count).map(i -> ports.take(0)).toArray();
    int[] peers = IntStream.range(0, count).map(i -> ports.take(0)).toArray();
    var members = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      members.add("etcd-" + (i + 1) + "=http://" + HOST + ":" + peers[i]);
    }
    var urls = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      String name = "etcd-" + (i + 1);
      String client = "http://" + HOST + ":" + clients[i];
      urls.add(client);
      nodes.add(
          new NodeSpec(
              name,
              NodeRole.ETCD,
              programs.etcd(
                  name,
                  folder(name),
                  client,
                  "http://" + HOST + ":" + peers[i],
                  String.join(",", members)),
              client + "/health",
              List.of("client " + HOST + ":" + clients[i])));
    }
    return urls;
  }

  private S3Address startS3() {
    int port = ports.take(0);
    nodes.add(
        new NodeSpec(
            "s3-1",
            NodeRole.S3,
            programs.s3(folder("s3-1"), port),
            "tcp://" + HOST + ":" + port,
            List.of("s3 " + HOST + ":" + port)));
    return new S3Address("http://" + HOST + ":" + port, BUCKET);
  }
}
