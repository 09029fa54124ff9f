package dev.sheaf.control.placement;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses the safekeepers of a new shard's log: rendezvous hashing, so that logs spread evenly over
 * any number of safekeepers and the choice needs to know of no other log.
 */
public final class SafekeeperChoice {
  private SafekeeperChoice() {}

  /**
   * @param isUp whether it is there now; one that is away for a moment may be a member all the same
   */
  public record Candidate(String name, boolean isUp) {}

  /**
   * The members, best first. Those that are up come first; fewer than wanted if no more are known:
   * the log's owner takes in others when they come.
   *
   * @param known safekeepers, each once
   * @param copies an odd number
   * @throws SheafException 57P03 if too few of them are up for a majority of the copies; 22023 for
   *     an even number of copies
   */
  public static List<String> choose(ShardId shard, Collection<Candidate> known, int copies) {
    if (copies < 1 || copies % 2 == 0) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "copies of a log must be odd, not " + copies);
    }
    long up = known.stream().filter(Candidate::isUp).count();
    int majority = copies / 2 + 1;
    if (up < majority) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW,
              "the log of %s needs %d of its %d safekeepers up: %d are known, %d are up"
                  .formatted(shard, majority, copies, known.size(), up))
          .withHint("Start more safekeepers; it is tried again by itself.");
    }
    return known.stream()
        .sorted(
            Comparator.comparing(Candidate::isUp)
                .reversed()
                .thenComparing(
                    candidate -> score(shard, candidate.name()), Comparator.reverseOrder())
                .thenComparing(Candidate::name))
        .limit(copies)
        .map(Candidate::name)
        .toList();
  }

  /** All of them, the best for the shard's log first. */
  public static List<String> ranked(ShardId shard, Collection<String> names) {
    return names.stream()
        .sorted(
            Comparator.comparingLong((String name) -> score(shard, name))
                .reversed()
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  /** FNV-1a over the text, then the finish of SplitMix64: near names must not give near scores. */
  private static long score(ShardId shard, String name) {
    long hash = 0xcbf29ce484222325L;
    String text = shard + " " + name;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}
