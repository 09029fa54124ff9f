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

  /** Folders of builds before this field have none. */
  public ClusterState {
    asked = Objects.requireNonNullElse(asked, List.of());
  }
}
