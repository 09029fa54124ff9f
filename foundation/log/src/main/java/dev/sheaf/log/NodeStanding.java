package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;

/**
 * How a node stands to a log's leader.
 *
 * @param member whether its journal is the one that the configuration trusts; false also before it
 *     has answered
 * @param following whether it answers and its log is a prefix of the leader's
 * @param flush where its log ends, as far as known
 */
public record NodeStanding(NodeId node, boolean member, boolean following, Lsn flush) {}
