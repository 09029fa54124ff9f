package dev.sheaf.pageserver.check;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Passes findings on, each once, as far as there is room; counts the rest. Used by one thread. */
final class Findings {
  private static final int MOST = 1_000;
  private static final int MOST_OF_OBJECT = 20;

  private final Consumer<Finding> listener;
  private final Map<String, Set<String>> told = new HashMap<>();
  private int toldInAll;
  private long count;

  Findings(Consumer<Finding> listener) {
    this.listener = listener;
  }

  void add(String objectKey, String what) {
    Set<String> ofObject = told.computeIfAbsent(objectKey, key -> new HashSet<>());
    if (ofObject.contains(what)) {
      return;
    }
    count++;
    if (ofObject.size() < MOST_OF_OBJECT && toldInAll < MOST) {
      ofObject.add(what);
      toldInAll++;
      listener.accept(new Finding(objectKey, what));
    }
  }

  /** For XX001 and what only a newer version could read; every other error ends the check. */
  void add(String objectKey, SheafException error) {
    if (error.code() != ErrorCode.DATA_CORRUPTED
        && error.code() != ErrorCode.FEATURE_NOT_SUPPORTED) {
      throw error;
    }
    add(objectKey, error.message());
  }

  /** Whether anything is wrong with the object. */
  boolean has(String objectKey) {
    return told.containsKey(objectKey);
  }

  long count() {
    return count;
  }
}
