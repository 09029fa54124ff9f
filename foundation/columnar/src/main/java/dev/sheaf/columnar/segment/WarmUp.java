package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * The list of what a block cache is used for, so that the next process need not find it out again.
 *
 * <pre>
 * an {@link Envelope} SHFWARML around
 *   objects varint | object ... the hottest first
 * object  key sized | size u64 | runs varint | run ...
 * run     column i32 | first page varint | pages varint
 * </pre>
 *
 * Only names of pages: their bytes are read and verified anew. Thread-safe.
 */
public final class WarmUp {
  private static final String MAGIC = "SHFWARML";
  private static final int VERSION = 1;

  /** Objects that cannot be read one after the other: then the store is the reason. */
  private static final int PATIENCE = 3;

  private WarmUp() {}

  private record Run(int column, int first, int pages) {}

  private record HotObject(String key, long sizeBytes, List<Run> runs) {}

  /**
   * Names the pages that have been used more than once.
   *
   * @param limitBytes of these pages
   */
  public static byte[] list(BlockCache cache, long limitBytes) {
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
    return encode(objects);
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

  private static byte[] encode(List<HotObject> objects) {
    var out = new ByteWriter(1024);
    out.varint(objects.size());
    for (HotObject object : objects) {
      out.block(object.key.getBytes(StandardCharsets.US_ASCII)).u64(object.sizeBytes);
      out.varint(object.runs.size());
      for (Run run : object.runs) {
        out.u32(run.column).varint(run.first).varint(run.pages);
      }
    }
    return Envelope.seal(MAGIC, VERSION, out.toByteArray());
  }

  private static List<HotObject> decode(byte[] list) {
    ByteReader in = Envelope.open("list of hot pages", MAGIC, VERSION, list);
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
    return objects;
  }

  /**
   * Fetches the pages of a list, one request at a time, until enough is fetched or the caller has
   * to stop. Objects that are no longer there are passed over.
   *
   * @param limitBytes after which no other request begins
   * @param stop asked before each request
   * @return bytes fetched
   * @throws SheafException XX001 when the list is damaged; what the store says when it does not
   *     work
   */
  public static long restore(
      byte[] list, Segments segments, long limitBytes, BooleanSupplier stop) {
    long fetched = 0;
    int failures = 0;
    for (HotObject object : decode(list)) {
      if (fetched >= limitBytes || stop.getAsBoolean()) {
        break;
      }
      try {
        if (segments.open(object.key, object.sizeBytes) instanceof SegmentFile segment) {
          for (Run run : object.runs) {
            fetched += segment.fetch(run.column, run.first, run.pages, limitBytes - fetched, stop);
          }
        }
        failures = 0;
      } catch (SheafException e) {
        boolean gone = e.code() == ErrorCode.DATA_CORRUPTED; // compacted since, most likely
        if (!gone && ++failures == PATIENCE) {
          throw e;
        }
      }
    }
    return fetched;
  }
}
