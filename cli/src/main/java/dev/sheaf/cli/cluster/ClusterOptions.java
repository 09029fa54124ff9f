package dev.sheaf.cli.cluster;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants to run.
 *
 * @param etcd URLs of an etcd that runs elsewhere; empty = start one here
 * @param etcdMembers members of the etcd started here
 * @param s3 an S3 store that runs elsewhere; null = start a stand-in here
 * @param settings further {@code name=value} settings of every server
 */
public record ClusterOptions(
    Path data,
    int flightPort,
    int httpPort,
    int safekeepers,
    int pageServers,
    int computes,
    int controls,
    List<String> etcd,
    int etcdMembers,
    @Nullable S3Address s3,
    List<String> settings) {

  /** An S3 store. Keys come from the environment of the processes, never from a command line. */
  public record S3Address(String endpoint, String bucket) {}
}
