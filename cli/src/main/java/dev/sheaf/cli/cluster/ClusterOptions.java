package dev.sheaf.cli.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
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

  /** What decides on the processes, as texts: a plan is kept, and so are the options behind it. */
  List<String> asked() {
    var asked = new ArrayList<String>();
    asked.add("--flight-port=" + flightPort);
    asked.add("--http-port=" + httpPort);
    asked.add("--safekeepers=" + safekeepers);
    asked.add("--pageservers=" + pageServers);
    asked.add("--computes=" + computes);
    asked.add("--controls=" + controls);
    asked.add("--etcd=" + (etcd.isEmpty() ? "auto" : String.join(",", etcd)));
    asked.add("--etcd-members=" + etcdMembers);
    asked.add("--s3=" + (s3 == null ? "auto" : s3.endpoint() + "/" + s3.bucket()));
    settings.forEach(setting -> asked.add("--set=" + setting));
    return asked;
  }

  /** An S3 store. Keys come from the environment of the processes, never from a command line. */
  public record S3Address(String endpoint, String bucket) {}
}
