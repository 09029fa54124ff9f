package dev.sheaf.cli.cluster;

import java.util.List;
import java.util.Objects;

/**
 * What {@code cluster.json} holds.
 *
 * @param flight where SQL clients connect: one address per compute
 * @param http port of the first control plane's REST
 * @param asked the options that it was planned by, see {@link ClusterOptions#asked}
 */
public record ClusterState(
    List<String> flight, int http, List<String> asked, List<NodeSpec> nodes) {
  private static final String FLIGHT_CERTIFICATE = "--set=sheaf.flight.tls-certificate=";

  /** Folders of builds before this field have none. */
  public ClusterState {
    asked = Objects.requireNonNullElse(asked, List.of());
  }

  /** Whether SQL clients must use TLS. */
  public boolean encryptsFlight() {
    return asked.stream().anyMatch(option -> option.startsWith(FLIGHT_CERTIFICATE));
  }
}
