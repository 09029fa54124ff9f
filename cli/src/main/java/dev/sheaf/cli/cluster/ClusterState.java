package dev.sheaf.cli.cluster;

import java.util.List;

/**
 * What {@code cluster.json} holds.
 *
 * @param flight where SQL clients connect: one address per compute
 * @param http port of the first control plane's REST
 */
public record ClusterState(List<String> flight, int http, List<NodeSpec> nodes) {}
