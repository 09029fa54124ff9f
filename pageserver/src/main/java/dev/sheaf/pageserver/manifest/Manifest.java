package dev.sheaf.pageserver.manifest;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.HashSet;
import java.util.List;

/**
 * A shard at a point of its log: everything below {@code published} lies in the segments. What lies
 * above is still in the log (segments of later bulk loads may be listed already).
 *
 * @param term of the owner that wrote it
 * @param sequence grows within the term
 * @param newestCommit greatest commit timestamp below {@code published}
 * @param deletes objects whose delete vectors, taken together, are the segments' delete vectors
 * @param catalog timestamps of commits that changed the catalog
 * @param outcomes what became of recent transactions
 * @param ancestors of a branch: whose objects may be among its own, oldest first
 * @param readable what the segments still have the versions of; recorded before others are dropped
 */
public record Manifest(
    ShardId shard,
    Term term,
    long sequence,
    Lsn published,
    Timestamp newestCommit,
    List<SegmentMeta> segments,
    List<String> deletes,
    CatalogHistory catalog,
    Outcomes outcomes,
    List<Ancestor> ancestors,
    ReadableTimes readable) {

  /** With all history. */
  public Manifest(
      ShardId shard,
      Term term,
      long sequence,
      Lsn published,
      Timestamp newestCommit,
      List<SegmentMeta> segments,
      List<String> deletes,
      CatalogHistory catalog,
      Outcomes outcomes,
      List<Ancestor> ancestors) {
    this(
        shard,
        term,
        sequence,
        published,
        newestCommit,
        segments,
        deletes,
        catalog,
        outcomes,
        ancestors,
        ReadableTimes.EVERYTHING);
  }

  /**
   * @param completeFrom commits before it may be missing
   * @param commits ascending
   */
  public record CatalogHistory(Timestamp completeFrom, List<Timestamp> commits) {
    public static final CatalogHistory EMPTY = new CatalogHistory(Timestamp.ZERO, List.of());
  }

  /**
   * @param completeFrom transactions that committed before it may be missing
   * @param commits ascending by timestamp
   * @param abortsCompleteFrom aborts before it may be missing
   * @param aborts transactions that will never commit, ascending by timestamp
   */
  public record Outcomes(
      Timestamp completeFrom,
      List<Outcome> commits,
      Timestamp abortsCompleteFrom,
      List<Outcome> aborts) {
    public static final Outcomes EMPTY =
        new Outcomes(Timestamp.ZERO, List.of(), Timestamp.ZERO, List.of());
  }

  /**
   * A shard whose history is the beginning of this one's.
   *
   * @param upTo what it wrote or superseded later does not exist for this shard
   */
  public record Ancestor(ShardId shard, Timestamp upTo) {}

  public record Outcome(TransactionId transaction, Timestamp timestamp) {}

  /** The shard before its first manifest. */
  public static Manifest empty(ShardId shard) {
    return new Manifest(
        shard,
        Term.NONE,
        0,
        Lsn.ZERO,
        Timestamp.ZERO,
        List.of(),
        List.of(),
        CatalogHistory.EMPTY,
        Outcomes.EMPTY,
        List.of());
  }

  /** The timestamp up to which entries of a delete vector object count. */
  Timestamp deletesUpTo(String objectKey) {
    for (Ancestor ancestor : ancestors) {
      if (new ShardObjects(ancestor.shard()).owns(objectKey)) {
        return ancestor.upTo();
      }
    }
    return Timestamp.MAX;
  }

  /** Refuses to publish what no reader could make sense of: a defect of ours, XX000. */
  void checkInvariants() {
    var seen = new HashSet<String>();
    for (SegmentMeta segment : segments) {
      boolean sound =
          seen.add(segment.objectKey())
              && segment.rows() > 0
              && java.util.Arrays.compareUnsigned(segment.minKey(), segment.maxKey()) <= 0
              && segment.minTimestamp().compareTo(segment.maxTimestamp()) <= 0
              && (segment.storesTimestamps()
                  || segment.minTimestamp().equals(segment.maxTimestamp()));
      if (!sound) {
        throw new SheafException(
            ErrorCode.INTERNAL_ERROR, "manifest of " + shard + " would hold a bad " + segment);
      }
    }
  }
}
