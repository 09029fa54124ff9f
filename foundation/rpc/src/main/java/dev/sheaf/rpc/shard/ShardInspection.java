package dev.sheaf.rpc.shard;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask a shard's owner about the objects that the shard is made of. Thread-safe; a
 * service that keeps nothing in an object store answers 0A000.
 */
public interface ShardInspection {

  /**
   * Reads everything that the shard's manifests name and tells what is not as it must be. Takes as
   * long as reading all of it does; nothing of it is deleted meanwhile, everything else goes on.
   *
   * @param listener called by one thread at a time, each second at least; what it throws ends the
   *     check
   * @param deadline of all of it
   * @return what was looked at
   * @throws SheafException 53400 too many checks are running; 58030 the object store cannot be
   *     read; 57P03 the shard has moved meanwhile; 57014 the deadline passed
   */
  default Checked check(ShardId shard, CheckListener listener, Deadline deadline) {
    throw new SheafException(
        ErrorCode.FEATURE_NOT_SUPPORTED, "shard " + shard + " has no objects to check here");
  }

  /** Hears of a check while it goes on. */
  interface CheckListener {
    void progress(Checked soFar);

    /** At most 1,000 in all and 20 of an object; more are counted only. */
    void found(Finding finding);
  }

  /**
   * What a check has looked at.
   *
   * @param manifests that are there
   * @param objects segments and delete vectors looked at, of {@code allObjects}; manifests besides
   * @param rows read, in segments
   * @param bytes read, of all objects
   * @param findings all of them
   */
  record Checked(
      long manifests, long objects, long allObjects, long rows, long bytes, long findings) {}

  /**
   * Something that is not as it must be.
   *
   * @param objectKey where
   * @param what for people: with the row or the offset, if it is about one
   */
  record Finding(String objectKey, String what) {}

  /**
   * What the next sweep would do with the objects that the shard's present picture does not name.
   * Deletes nothing.
   */
  default SweepPlan planSweep(ShardId shard, Deadline deadline) {
    throw new SheafException(
        ErrorCode.FEATURE_NOT_SUPPORTED, "shard " + shard + " has no objects to sweep here");
  }

  /**
   * @param leftovers in the order of their keys, at most 10,000
   * @param unlisted how many more there are
   */
  record SweepPlan(List<Leftover> leftovers, long unlisted) {
    public static final int MOST_LEFTOVERS = 10_000;
  }

  /**
   * An object that the present picture does not name.
   *
   * @param waitMillis GRACE: until it may go, at the most
   * @param neededBy MANIFEST: the manifest's key; BRANCH: the branch's shard; else null
   */
  record Leftover(
      String objectKey, long sizeBytes, Fate fate, long waitMillis, @Nullable String neededBy) {}

  /** What becomes of an object. */
  enum Fate {
    /** It goes with the next sweep. */
    DELETED,
    /** Nothing needs it, but not for long enough yet. */
    GRACE,
    /** A view or a check is open that may be reading it. */
    VIEW,
    /** Somebody is at work on it, or a later owner has written it. */
    IN_FLIGHT,
    /** An older manifest names it that is still there. */
    MANIFEST,
    /** A branch reads it. */
    BRANCH,
    /** The owner has not published a manifest of its own yet: until then it deletes nothing. */
    NEW_OWNER
  }
}
