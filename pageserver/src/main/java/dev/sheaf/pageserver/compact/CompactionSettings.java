package dev.sheaf.pageserver.compact;

/**
 * How a page server compacts.
 *
 * @param fanIn segments of about one size (within a factor of {@code fanIn}) that are merged
 * @param maxInputs of one job
 * @param jobBytes of one job's inputs: what it needs on the local disk, and as much for its output
 * @param segmentBytes an output is ended at this size; segments of half of it are merged no more
 *     for their size
 * @param soloBytes segments from this size on are merged with such as share keys only, and not at
 *     all if they are history
 * @param rewriteBytes segments from this size on are rewritten when too much of them is superseded
 * @param unreachable rows that no readable time sees beside one live row of a table that are too
 *     much
 * @param superseded superseded rows beside one live row that are too much, those included
 * @param depth segments of full size that may hold one key
 * @param parallelism jobs at a time, of all shards; 0: none but those asked for
 */
public record CompactionSettings(
    int fanIn,
    int maxInputs,
    long jobBytes,
    long segmentBytes,
    long soloBytes,
    long rewriteBytes,
    double unreachable,
    double superseded,
    int depth,
    int parallelism) {

  public static final CompactionSettings DEFAULT =
      new CompactionSettings(6, 16, 1L << 30, 256L << 20, 16L << 20, 1L << 20, 0.45, 0.8, 8, 1);
}
