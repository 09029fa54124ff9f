package dev.sheaf.pageserver.shard;

import dev.sheaf.protocol.Timestamp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Timestamps of the commits that changed the catalog, bounded in number. Pure; not thread-safe. */
public final class CatalogVersions {
  static final int MAX_VERSIONS = 4_096;

  private final ArrayList<Timestamp> commits;
  private Timestamp completeFrom;

  /**
   * @param completeFrom commits before it may be missing
   * @param commits ascending
   */
  public CatalogVersions(Timestamp completeFrom, List<Timestamp> commits) {
    this.completeFrom = completeFrom;
    this.commits = new ArrayList<>(commits);
  }

  /** Called in timestamp order. */
  public void changed(Timestamp timestamp) {
    if (!commits.isEmpty() && !timestamp.isAfter(commits.getLast())) {
      return;
    }
    commits.add(timestamp);
    if (commits.size() > MAX_VERSIONS) {
      List<Timestamp> forgotten = commits.subList(0, MAX_VERSIONS / 2);
      completeFrom = new Timestamp(forgotten.getLast().value() + 1);
      forgotten.clear();
    }
  }

  /**
   * The version in force: equal answers mean an equal catalog. For times before what is remembered,
   * the time itself, which equals no other.
   */
  public Timestamp at(Timestamp timestamp) {
    if (timestamp.compareTo(completeFrom) < 0) {
      return timestamp;
    }
    int at = Collections.binarySearch(commits, timestamp);
    int index = at >= 0 ? at : -at - 2;
    return index < 0 ? completeFrom : commits.get(index);
  }

  /** The version in force now. */
  public Timestamp newest() {
    return commits.isEmpty() ? completeFrom : commits.getLast();
  }

  public Timestamp completeFrom() {
    return completeFrom;
  }

  public List<Timestamp> commits() {
    return List.copyOf(commits);
  }
}
