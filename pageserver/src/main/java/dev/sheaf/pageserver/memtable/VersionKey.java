package dev.sheaf.pageserver.memtable;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Place of a version: ascending by key, then newest first. */
public record VersionKey(byte[] key, long timestamp) implements Comparable<VersionKey> {

  @Override
  public int compareTo(VersionKey other) {
    int byKey = Arrays.compareUnsigned(key, other.key);
    return byKey != 0 ? byKey : Long.compare(other.timestamp, timestamp);
  }

  public boolean hasKey(byte[] otherKey) {
    return Arrays.equals(key, otherKey);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VersionKey v && timestamp == v.timestamp && Arrays.equals(key, v.key);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + Long.hashCode(timestamp);
  }
}
