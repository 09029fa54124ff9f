package dev.sheaf.systemtests;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The servers that tests of SQL run against, one after the other: {@code
 * -Dsheaf.servers=embedded,cluster}. Both by default.
 */
enum SqlServers {
  /** All of it in one process, which ends with the test. */
  EMBEDDED,
  /** Every part a process of its own. One cluster for all tests of this JVM: it takes a while. */
  CLUSTER;

  static List<SqlServers> chosen() {
    return Arrays.stream(System.getProperty("sheaf.servers", "embedded,cluster").split(","))
        .map(name -> valueOf(name.strip().toUpperCase(Locale.ROOT)))
        .toList();
  }

  SqlServer start() {
    return switch (this) {
      case EMBEDDED -> SheafServer.throwAway();
      case CLUSTER -> SharedCluster.join();
    };
  }
}
