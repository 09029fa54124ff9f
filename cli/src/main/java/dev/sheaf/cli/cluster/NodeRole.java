package dev.sheaf.cli.cluster;

import java.util.Locale;

/** What a process of a cluster is, in the order in which they start; they stop the other way. */
public enum NodeRole {
  ETCD,
  S3,
  SAFEKEEPER,
  CONTROL,
  PAGESERVER,
  COMPUTE;

  /** As in names of nodes and in the server's settings. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
