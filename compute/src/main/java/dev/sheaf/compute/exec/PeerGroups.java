package dev.sheaf.compute.exec;

import org.jspecify.annotations.Nullable;

/**
 * Where the partition and the group of peers of each row of a section begin and end; ends are
 * exclusive. Found when first asked for. One thread.
 */
final class PeerGroups {
  private final WindowSection section;
  private final int partitionKeys;
  private final int keys;
  private @Nullable Runs partitions;
  private @Nullable Runs peers;

  /** Runs of equal rows, by row. */
  private record Runs(int[] start, int[] end) {}

  PeerGroups(WindowSection section, int partitionKeys, int orderKeys) {
    this.section = section;
    this.partitionKeys = partitionKeys;
    this.keys = partitionKeys + orderKeys;
  }

  int[] partitionStart() {
    return partitions().start;
  }

  int[] partitionEnd() {
    return partitions().end;
  }

  int[] start() {
    return peers().start;
  }

  int[] end() {
    return peers().end;
  }

  private Runs partitions() {
    Runs found = partitions;
    if (found == null) {
      found = runs(partitionKeys);
      partitions = found;
    }
    return found;
  }

  private Runs peers() {
    Runs found = peers;
    if (found == null) {
      found = keys == partitionKeys ? partitions() : runs(keys);
      peers = found;
    }
    return found;
  }

  private Runs runs(int by) {
    int n = section.size();
    int[] start = section.ints();
    int[] end = section.ints();
    int run = 0;
    for (int i = 0; i < n; i++) {
      if (section.begins(i, by)) {
        java.util.Arrays.fill(end, run, i, i);
        run = i;
      }
      start[i] = run;
    }
    java.util.Arrays.fill(end, run, n, n);
    return new Runs(start, end);
  }
}
