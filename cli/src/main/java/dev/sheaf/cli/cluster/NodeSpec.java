package dev.sheaf.cli.cluster;

import java.util.List;

/**
 * One process of a cluster and how to start it, always the same way: its ports are its identity to
 * the others.
 *
 * @param name for example {@code safekeeper-1}
 * @param command the program and its arguments
 * @param ready {@code http://...} answers with status 200, {@code tcp://host:port} takes
 *     connections once the process serves
 * @param addresses what it listens on, for people
 */
public record NodeSpec(
    String name, NodeRole role, List<String> command, String ready, List<String> addresses) {}
