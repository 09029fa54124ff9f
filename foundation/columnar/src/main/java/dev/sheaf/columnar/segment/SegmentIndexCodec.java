package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The index of a segment as bytes, without its envelope. Big-endian; "sized" is a varint length and
 * that many bytes.
 *
 * <pre>
 * index   row count u64 | flags u8: 1 = timestamps | min timestamp u64 | max timestamp u64 | max key sized
 *         columns varint | column ... in file order
 *         fences varint  | fence ... one for each key page
 * column  id i32 | type u8 | block ... one for each row group
 * block   flags u8 | nulls varint | [min] | [max] | pages varint | page ...
 *         flags: 1 = the first page is a dictionary, 2 = has min, 4 = has max, 8 = has NaN
 * page    rows varint | length varint | CRC-32C u32
 * fence   bytes shared with the fence before varint | the rest sized
 * </pre>
 *
 * Min and max by type (u8 code): BOOL 1 u8, INT 2 i32, LONG 3 i64, INT128 4 sized big-endian two's
 * complement, DOUBLE 5 IEEE 754 bits u64, BYTES 6 sized. Offsets are not stored: pages follow one
 * another from the end of the header on, and end where the index begins.
 */
final class SegmentIndexCodec {
  private static final int TIMESTAMPS = 1;

  private static final int DICTIONARY = 1;
  private static final int HAS_MIN = 2;
  private static final int HAS_MAX = 4;
  private static final int HAS_NAN = 8;

  private SegmentIndexCodec() {}

  /** A column as the writer knows it. */
  record ColumnEntry(SegmentColumn column, List<BlockEntry> blocks) {}

  static ByteWriter encode(SegmentSummary summary, List<ColumnEntry> columns, List<byte[]> fences) {
    var out = new ByteWriter(4096);
    boolean timestamps =
        columns.stream().anyMatch(c -> c.column().columnId() == SegmentLayout.TIMESTAMP_COLUMN);
    out.u64(summary.rowCount());
    out.u8(timestamps ? TIMESTAMPS : 0);
    out.u64(summary.minTimestamp().value());
    out.u64(summary.maxTimestamp().value());
    out.block(summary.maxKey());
    out.varint(columns.size());
    for (ColumnEntry entry : columns) {
      out.u32(entry.column().columnId());
      out.u8(SegmentLayout.code(entry.column().type()));
      for (BlockEntry block : entry.blocks()) {
        encodeBlock(block, out);
      }
    }
    encodeFences(fences, out);
    return out;
  }

  private static void encodeBlock(BlockEntry block, ByteWriter out) {
    ZoneMap zone = block.zone();
    out.u8(
        (block.dictionary() ? DICTIONARY : 0)
            | (zone.min() == null ? 0 : HAS_MIN)
            | (zone.max() == null ? 0 : HAS_MAX)
            | (zone.hasNaN() ? HAS_NAN : 0));
    out.varint(zone.nulls());
    encodeValue(zone.min(), out);
    encodeValue(zone.max(), out);
    out.varint(block.pages().size());
    for (PageEntry page : block.pages()) {
      out.varint(page.rows());
      out.varint(page.length());
      out.u32(page.crc());
    }
  }

  private static void encodeValue(@Nullable Object value, ByteWriter out) {
    switch (value) {
      case null -> {}
      case Boolean b -> out.u8(b ? 1 : 0);
      case Integer i -> out.u32(i);
      case Long l -> out.u64(l);
      case Double d -> out.u64(Double.doubleToRawLongBits(d));
      case BigInteger i -> out.block(i.toByteArray());
      case byte[] bytes -> out.block(bytes);
      default -> throw SegmentErrors.misuse("zone bound of " + value.getClass());
    }
  }

  private static void encodeFences(List<byte[]> fences, ByteWriter out) {
    out.varint(fences.size());
    byte[] last = {};
    for (byte[] fence : fences) {
      int mismatch = Arrays.mismatch(last, fence);
      int shared = mismatch < 0 ? fence.length : mismatch;
      out.varint(shared);
      out.block(Arrays.copyOfRange(fence, shared, fence.length));
      last = fence;
    }
  }

  /**
   * @param dataEnd where the last page must end
   */
  static SegmentIndex decode(ByteReader in, long dataEnd) {
    long rowCount = in.u64();
    int flags = in.u8();
    var min = new Timestamp(in.u64());
    var max = new Timestamp(in.u64());
    byte[] maxKey = in.block();
    int columnCount = in.count(1);
    int groups = SegmentIndex.groups(rowCount);
    Map<Integer, ColumnIndex> byId = new HashMap<>();
    List<SegmentColumn> columns = new ArrayList<>();
    long offset = SegmentLayout.HEADER_BYTES;
    for (int i = 0; i < columnCount; i++) {
      int id = in.u32();
      PhysicalType type = SegmentLayout.type(in.u8());
      List<BlockEntry> blocks = new ArrayList<>(groups);
      for (int group = 0; group < groups; group++) {
        blocks.add(decodeBlock(type, in));
      }
      var column = new ColumnIndex(id, type, blocks, offset);
      offset = column.endOffset();
      byId.put(id, column);
      if (id > SegmentReader.KEY_COLUMN) {
        columns.add(new SegmentColumn(id, type));
      }
    }
    byte[][] fences = decodeFences(in);
    in.end();
    if (offset != dataEnd) {
      throw in.corrupted("its pages end at " + offset + ", its index begins at " + dataEnd);
    }
    boolean timestamps = (flags & TIMESTAMPS) != 0;
    return new SegmentIndex(
        rowCount, timestamps, min, max, maxKey, List.copyOf(columns), Map.copyOf(byId), fences);
  }

  private static BlockEntry decodeBlock(PhysicalType type, ByteReader in) {
    int flags = in.u8();
    int nulls = (int) in.varint();
    Object min = (flags & HAS_MIN) == 0 ? null : decodeValue(type, in);
    Object max = (flags & HAS_MAX) == 0 ? null : decodeValue(type, in);
    int pageCount = in.count(1);
    List<PageEntry> pages = new ArrayList<>(pageCount);
    for (int i = 0; i < pageCount; i++) {
      pages.add(new PageEntry((int) in.varint(), (int) in.varint(), in.u32()));
    }
    var zone = new ZoneMap(min, max, nulls, (flags & HAS_NAN) != 0);
    return new BlockEntry(zone, (flags & DICTIONARY) != 0, pages);
  }

  private static Object decodeValue(PhysicalType type, ByteReader in) {
    return switch (type) {
      case BOOL -> in.u8() != 0;
      case INT -> in.u32();
      case LONG -> in.u64();
      case INT128 -> new BigInteger(in.block());
      case DOUBLE -> Double.longBitsToDouble(in.u64());
      case BYTES -> in.block();
    };
  }

  private static byte[][] decodeFences(ByteReader in) {
    byte[][] fences = new byte[in.count(1)][];
    byte[] last = {};
    for (int i = 0; i < fences.length; i++) {
      int shared = (int) in.varint();
      byte[] rest = in.block();
      byte[] fence = Arrays.copyOf(last, shared + rest.length);
      System.arraycopy(rest, 0, fence, shared, rest.length);
      fences[i] = fence;
      last = fence;
    }
    return fences;
  }
}
