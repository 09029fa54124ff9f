package dev.sheaf.pageserver.tree;

import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.memtable.Memtable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A picture of the tree: memtables, newest first, over segments. The picture is immutable (the
 * newest memtable goes on taking versions).
 */
public final class Tree {
  private static final Comparator<LiveSegment> NEWEST_FIRST =
      Comparator.comparing((LiveSegment s) -> s.meta().maxTimestamp()).reversed();

  private final List<Memtable> memtables;
  private final Map<Integer, TableSegments> tables;
  private final ReadableTimes readable;
  private final Set<Integer> numbers;

  private Tree(
      List<Memtable> memtables, Map<Integer, TableSegments> tables, ReadableTimes readable) {
    this.memtables = memtables;
    this.tables = tables;
    this.readable = readable;
    this.numbers =
        tables.values().stream()
            .flatMap(table -> table.newestFirst().stream())
            .map(live -> live.segment().number())
            .collect(Collectors.toUnmodifiableSet());
  }

  public static Tree of(Memtable active, Collection<LiveSegment> segments, ReadableTimes readable) {
    return new Tree(List.of(active), Map.of(), readable).with(segments);
  }

  /** What this picture has all versions of. */
  public ReadableTimes readable() {
    return readable;
  }

  /**
   * Newest first: the first takes versions, the others are being flushed, the last of them next.
   */
  public List<Memtable> memtables() {
    return memtables;
  }

  public Memtable active() {
    return memtables.getFirst();
  }

  /** Segments of a table, the one with the newest version first. */
  public List<LiveSegment> segmentsOf(int tableId) {
    TableSegments table = tables.get(tableId);
    return table == null ? List.of() : table.newestFirst();
  }

  public List<LiveSegment> segments() {
    var all = new ArrayList<LiveSegment>();
    tables.values().forEach(table -> all.addAll(table.newestFirst()));
    return all;
  }

  /** From now on versions go to another memtable. */
  public Tree rotated(Memtable next) {
    var stack = new ArrayList<Memtable>(memtables.size() + 1);
    stack.add(next);
    stack.addAll(memtables);
    return new Tree(List.copyOf(stack), tables, readable);
  }

  /** Without a memtable that segments have taken the place of. */
  public Tree without(Memtable flushed) {
    return new Tree(memtables.stream().filter(m -> m != flushed).toList(), tables, readable);
  }

  /** With segments added, or replaced by the same segment with another delete vector. */
  public Tree with(Collection<LiveSegment> changed) {
    var lists = new HashMap<Integer, List<LiveSegment>>();
    for (LiveSegment segment : changed) {
      int tableId = segment.meta().tableId();
      List<LiveSegment> list =
          lists.computeIfAbsent(tableId, id -> new ArrayList<>(segmentsOf(id)));
      list.removeIf(s -> s.segment() == segment.segment());
      list.add(segment);
    }
    var next = new HashMap<>(tables);
    lists.forEach((tableId, list) -> next.put(tableId, TableSegments.of(list)));
    return new Tree(memtables, Map.copyOf(next), readable);
  }

  /**
   * With segments in the place of others that had the same rows, as far as {@code readable}
   * timestamps see them.
   */
  public Tree replaced(
      Set<Segment> gone, Collection<LiveSegment> added, ReadableTimes onlyReadable) {
    var left = new HashMap<Integer, TableSegments>();
    tables.forEach((tableId, table) -> {
      List<LiveSegment> staying =
          table.newestFirst().stream().filter(s -> !gone.contains(s.segment())).toList();
      if (!staying.isEmpty()) {
        left.put(tableId, TableSegments.of(staying));
      }
    });
    return new Tree(memtables, left, onlyReadable).with(added);
  }

  public int segmentCount() {
    return numbers.size();
  }

  /** Whether the segment of this number is in the picture. */
  boolean has(int segmentNumber) {
    return numbers.contains(segmentNumber);
  }

  /** Timestamp of the newest version or deletion of the table that was flushed or loaded. */
  public long newestChange(int tableId) {
    TableSegments table = tables.get(tableId);
    return table == null ? 0 : table.newestChange();
  }

  private record TableSegments(List<LiveSegment> newestFirst, long newestChange) {
    static TableSegments of(List<LiveSegment> segments) {
      long newest = 0;
      for (LiveSegment segment : segments) {
        newest = Math.max(newest, segment.meta().maxTimestamp().value());
        newest = Math.max(newest, segment.newestDeletion());
      }
      return new TableSegments(segments.stream().sorted(NEWEST_FIRST).toList(), newest);
    }
  }
}
