package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.memtable.Memtable;
import dev.sheaf.pageserver.memtable.Version;
import dev.sheaf.pageserver.memtable.VersionKey;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.key.TableKey;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Finds the version of one key at a timestamp. Pure functions of a picture; thread-safe. */
public final class KeyLookup {
  private KeyLookup() {}

  /** A version in one place. Of a version in a segment only the delete vector tells if it lives. */
  public sealed interface Hit {
    long timestamp();
  }

  record InMemory(long timestamp, Version version, Memtable memtable) implements Hit {}

  record InSegment(long timestamp, LiveSegment segment, int row) implements Hit {}

  /** The newest version at or below {@code at}. Deletions that were flushed are no versions. */
  static @Nullable Hit newest(Tree tree, byte[] key, long at) {
    Hit best = null;
    for (Memtable memtable : tree.memtables()) {
      Map.Entry<VersionKey, Version> found = memtable.find(key, at);
      if (found != null) {
        // Memtables follow one another in time: the first hit is the newest of them all.
        best = new InMemory(found.getKey().timestamp(), found.getValue(), memtable);
        break;
      }
    }
    List<LiveSegment> segments = tree.segmentsOf(TableKey.tableIdOf(key));
    for (LiveSegment segment : segments) {
      if (best != null && segment.meta().maxTimestamp().value() <= best.timestamp()) {
        break;
      }
      OptionalLong row = segment.segment().find(key, at);
      if (row.isPresent()) {
        long timestamp = segment.segment().timestampOf(row.getAsLong());
        if (best == null || timestamp > best.timestamp()) {
          int number = Math.toIntExact(row.getAsLong());
          best = new InSegment(timestamp, segment, number);
          if (segment.deleted().since(number) > at) {
            // No segment has a newer version: it would have superseded this one by then.
            break;
          }
        }
      }
    }
    return best;
  }

  /** Row bytes visible at the snapshot, null if there is no row. */
  public static byte @Nullable [] get(Tree tree, byte[] key, Timestamp snapshot) {
    Hit hit = newest(tree, key, snapshot.value());
    return switch (hit) {
      case null -> null;
      case InMemory m -> m.version().row();
      case InSegment s ->
          s.segment().deleted().since(s.row()) <= snapshot.value()
              ? null
              : s.segment().segment().row(s.row());
    };
  }

  /**
   * The newest change of a key.
   *
   * @param timestamp of the newest version or deletion; 0 if the key was never written
   * @param live whether there is a row now
   */
  public record Latest(long timestamp, boolean live) {}

  public static Latest latest(Tree tree, byte[] key) {
    Hit hit = newest(tree, key, Long.MAX_VALUE);
    return switch (hit) {
      case null -> new Latest(0, false);
      case InMemory m -> new Latest(m.timestamp(), !m.version().isDeletion());
      case InSegment s -> {
        long since = s.segment().deleted().since(s.row());
        yield since == DeleteVector.NEVER
            ? new Latest(s.timestamp(), true)
            : new Latest(since, false);
      }
    };
  }

  /**
   * False if the key surely has not changed since: spares the look into segments. What was flushed
   * is judged by the newest timestamp in the table's segments and delete vectors.
   */
  public static boolean mayHaveChangedSince(Tree tree, byte[] key, long snapshot) {
    for (Memtable memtable : tree.memtables()) {
      if (memtable.newest().value() > snapshot) {
        Map.Entry<VersionKey, Version> found = memtable.find(key, Long.MAX_VALUE);
        if (found != null && found.getKey().timestamp() > snapshot) {
          return true;
        }
      }
    }
    return tree.newestChange(TableKey.tableIdOf(key)) > snapshot;
  }
}
