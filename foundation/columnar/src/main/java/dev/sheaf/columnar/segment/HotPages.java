package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pages a block cache is used for, so that the next process, or the next owner of a shard,
 * need not find it out again. Two forms, both {@link Envelope}s:
 *
 * <pre>
 * of a process, SHFWARML   objects
 * of a shard,   SHFSHOTP   the list's own object key sized | objects
 *
 * objects  count varint | object ... the hottest first
 * object   key sized | size u64 | runs varint | run ...
 * run      column i32 | first page varint | pages varint
 * </pre>
 *
 * Only names of pages: their bytes are read and verified anew. Immutable.
 */
public final class HotPages {
  /** None. */
  public static final HotPages NONE = new HotPages(List.of());

  /** Longer than a list that names a million pages. */
  public static final long MOST_BYTES = 16L << 20;

  private static final String OF_PROCESS = "SHFWARML";
  private static final String OF_SHARD = "SHFSHOTP";
  private static final int VERSION = 1;

  /** Neighbouring pages of a column. */
  record Run(int column, int first, int pages) {}

  /** By column and page, without gaps that could be closed. */
  record HotObject(String key, long sizeBytes, List<Run> runs) {}

  private record Ranked(int rank, HotObject object) {}

  private final List<HotObject> objects;
  private final Map<String, Ranked> byKey = new HashMap<>();

  private HotPages(List<HotObject> objects) {
    this.objects = objects;
    for (HotObject object : objects) {
      byKey.put(object.key, new Ranked(byKey.size(), object));
    }
  }

  /**
   * The pages that have been used more than once.
   *
   * @param limitBytes of these pages
   */
  static HotPages of(BlockCache cache, long limitBytes) {
    Map<String, TreeSet<BlockCache.Key>> byObject = new LinkedHashMap<>();
    for (BlockCache.Key key : cache.hottest(limitBytes)) {
      byObject.computeIfAbsent(key.object(), k -> new TreeSet<>(BlockCache.Key.IN_FILE)).add(key);
    }
    List<HotObject> objects = new ArrayList<>();
    byObject.forEach((object, keys) -> {
      var index = new BlockCache.Key(object, SegmentFile.INDEX_ENTRY, 0);
      if (cache.peek(index) instanceof SegmentFile open) {
        keys.remove(index);
        objects.add(new HotObject(object, open.sizeBytes(), runs(keys)));
      }
    });
    return new HotPages(objects);
  }

  private static List<Run> runs(Iterable<BlockCache.Key> keys) {
    List<Run> runs = new ArrayList<>();
    for (BlockCache.Key key : keys) {
      Run last = runs.isEmpty() ? null : runs.getLast();
      if (last != null && last.column == key.column() && last.first + last.pages == key.page()) {
        runs.set(runs.size() - 1, new Run(last.column, last.first, last.pages + 1));
      } else {
        runs.add(new Run(key.column(), key.page(), 1));
      }
    }
    return runs;
  }

  /** The hottest first. */
  List<HotObject> objects() {
    return objects;
  }

  public boolean isEmpty() {
    return objects.isEmpty();
  }

  /**
   * Those of some objects.
   *
   * @param sizes in bytes, by object key; an object that is listed with another size is left out
   */
  public HotPages only(Map<String, Long> sizes) {
    List<Ranked> chosen = new ArrayList<>();
    sizes.forEach((key, size) -> {
      Ranked listed = byKey.get(key);
      if (listed != null && listed.object.sizeBytes == size) {
        chosen.add(listed);
      }
    });
    return new HotPages(
        chosen.stream().sorted(Comparator.comparingInt(Ranked::rank)).map(Ranked::object).toList());
  }

  /** Whether both name the same pages, whichever are the hottest. */
  public boolean samePages(@Nullable HotPages other) {
    return other != null
        && byKey.size() == other.byKey.size()
        && byKey.values().stream()
            .map(Ranked::object)
            .allMatch(object -> object.equals(other.object(object.key)));
  }

  private @Nullable HotObject object(String key) {
    Ranked listed = byKey.get(key);
    return listed == null ? null : listed.object;
  }

  /** As a process's list. */
  public byte[] encode() {
    return Envelope.seal(OF_PROCESS, VERSION, write(new ByteWriter(1024)));
  }

  /**
   * As a shard's list.
   *
   * @param listKey where it will lie; ASCII
   */
  public byte[] encode(String listKey) {
    var out = new ByteWriter(1024).block(listKey.getBytes(StandardCharsets.US_ASCII));
    return Envelope.seal(OF_SHARD, VERSION, write(out));
  }

  private byte[] write(ByteWriter out) {
    out.varint(objects.size());
    for (HotObject object : objects) {
      out.block(object.key.getBytes(StandardCharsets.US_ASCII)).u64(object.sizeBytes);
      out.varint(object.runs.size());
      for (Run run : object.runs) {
        out.u32(run.column).varint(run.first).varint(run.pages);
      }
    }
    return out.toByteArray();
  }

  /**
   * A process's list.
   *
   * @throws SheafException XX001 when it is damaged, 0A000 when a newer Sheaf wrote it
   */
  public static HotPages decode(byte[] list) {
    return read(Envelope.open("list of hot pages", OF_PROCESS, VERSION, list));
  }

  /**
   * A shard's list.
   *
   * @param listKey where it lay
   * @throws SheafException XX001 when it is damaged or was written for another place, 0A000 when a
   *     newer Sheaf wrote it
   */
  public static HotPages decode(String listKey, byte[] list) {
    ByteReader in = Envelope.open(listKey, OF_SHARD, VERSION, list);
    String written = new String(in.block(), StandardCharsets.US_ASCII);
    if (!written.equals(listKey)) {
      throw in.corrupted("it was written as " + written);
    }
    return read(in);
  }

  private static HotPages read(ByteReader in) {
    List<HotObject> objects = new ArrayList<>();
    for (int left = in.count(1); left > 0; left--) {
      String key = new String(in.block(), StandardCharsets.US_ASCII);
      long size = in.u64();
      List<Run> runs = new ArrayList<>();
      for (int more = in.count(1); more > 0; more--) {
        runs.add(new Run(in.u32(), (int) in.varint(), (int) in.varint()));
      }
      objects.add(new HotObject(key, size, runs));
    }
    in.end();
    return new HotPages(objects);
  }
}
