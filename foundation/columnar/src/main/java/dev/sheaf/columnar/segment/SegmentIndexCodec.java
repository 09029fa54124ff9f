package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteCursor;
import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.type.PhysicalType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The index of a segment as bytes; the footer has its checksum. A varint is unsigned LEB128 of at
 * most 32 bits; "sized" is a varint length and that many bytes.
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

  static ByteSink encode(SegmentSummary summary, List<ColumnEntry> columns, List<byte[]> fences) {
    var out = new ByteSink(4096);
    boolean timestamps =
        columns.stream().anyMatch(c -> c.column().columnId() == SegmentLayout.TIMESTAMP_COLUMN);
    out.putLong(summary.rowCount());
    out.putByte(timestamps ? TIMESTAMPS : 0);
    out.putLong(summary.minTimestamp().value());
    out.putLong(summary.maxTimestamp().value());
    out.putSized(summary.maxKey());
    out.putVarint(columns.size());
    for (ColumnEntry entry : columns) {
      out.putInt(entry.column().columnId());
      out.putByte(SegmentLayout.code(entry.column().type()));
      for (BlockEntry block : entry.blocks()) {
        encodeBlock(block, out);
      }
    }
    encodeFences(fences, out);
    return out;
  }

  private static void encodeBlock(BlockEntry block, ByteSink out) {
    ZoneMap zone = block.zone();
    out.putByte(
        (block.dictionary() ? DICTIONARY : 0)
            | (zone.min() == null ? 0 : HAS_MIN)
            | (zone.max() == null ? 0 : HAS_MAX)
            | (zone.hasNaN() ? HAS_NAN : 0));
    out.putVarint(zone.nulls());
    encodeValue(zone.min(), out);
    encodeValue(zone.max(), out);
    out.putVarint(block.pages().size());
    for (PageEntry page : block.pages()) {
      out.putVarint(page.rows());
      out.putVarint(page.length());
      out.putInt(page.crc());
    }
  }

  private static void encodeValue(@Nullable Object value, ByteSink out) {
    switch (value) {
      case null -> {}
      case Boolean b -> out.putByte(b ? 1 : 0);
      case Integer i -> out.putInt(i);
      case Long l -> out.putLong(l);
      case Double d -> out.putLong(Double.doubleToRawLongBits(d));
      case BigInteger i -> out.putSized(i.toByteArray());
      case byte[] bytes -> out.putSized(bytes);
      default -> throw SegmentErrors.misuse("zone bound of " + value.getClass());
    }
  }

  private static void encodeFences(List<byte[]> fences, ByteSink out) {
    out.putVarint(fences.size());
    byte[] last = {};
    for (byte[] fence : fences) {
      int mismatch = Arrays.mismatch(last, fence);
      int shared = mismatch < 0 ? fence.length : mismatch;
      out.putVarint(shared);
      out.putVarint(fence.length - shared);
      out.putBytes(fence, shared, fence.length - shared);
      last = fence;
    }
  }

  /**
   * @param dataEnd where the last page must end
   * @throws IndexOutOfBoundsException when the bytes are no index
   */
  static SegmentIndex decode(ByteCursor in, long dataEnd) {
    long rowCount = in.readLong();
    int flags = in.readByte();
    var min = new Timestamp(in.readLong());
    var max = new Timestamp(in.readLong());
    byte[] maxKey = in.readSized();
    int columnCount = in.readCount();
    int groups = SegmentIndex.groups(rowCount);
    Map<Integer, ColumnIndex> byId = new HashMap<>();
    List<SegmentColumn> columns = new ArrayList<>();
    long offset = SegmentLayout.HEADER_BYTES;
    for (int i = 0; i < columnCount; i++) {
      int id = in.readInt();
      PhysicalType type = SegmentLayout.type(in.readByte());
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
    if (offset != dataEnd || in.remaining() != 0) {
      throw new IndexOutOfBoundsException("pages and index do not meet");
    }
    boolean timestamps = (flags & TIMESTAMPS) != 0;
    return new SegmentIndex(
        rowCount, timestamps, min, max, maxKey, List.copyOf(columns), Map.copyOf(byId), fences);
  }

  private static BlockEntry decodeBlock(PhysicalType type, ByteCursor in) {
    int flags = in.readByte();
    int nulls = in.readVarint();
    Object min = (flags & HAS_MIN) == 0 ? null : decodeValue(type, in);
    Object max = (flags & HAS_MAX) == 0 ? null : decodeValue(type, in);
    int pageCount = in.readCount();
    List<PageEntry> pages = new ArrayList<>(pageCount);
    for (int i = 0; i < pageCount; i++) {
      pages.add(new PageEntry(in.readVarint(), in.readVarint(), in.readInt()));
    }
    var zone = new ZoneMap(min, max, nulls, (flags & HAS_NAN) != 0);
    return new BlockEntry(zone, (flags & DICTIONARY) != 0, pages);
  }

  private static Object decodeValue(PhysicalType type, ByteCursor in) {
    return switch (type) {
      case BOOL -> in.readByte() != 0;
      case INT -> in.readInt();
      case LONG -> in.readLong();
      case INT128 -> new BigInteger(in.readSized());
      case DOUBLE -> Double.longBitsToDouble(in.readLong());
      case BYTES -> in.readSized();
    };
  }

  private static byte[][] decodeFences(ByteCursor in) {
    byte[][] fences = new byte[in.readCount()][];
    byte[] last = {};
    for (int i = 0; i < fences.length; i++) {
      int shared = in.readVarint();
      byte[] rest = in.readSized();
      byte[] fence = Arrays.copyOf(last, shared + rest.length);
      System.arraycopy(rest, 0, fence, shared, rest.length);
      fences[i] = fence;
      last = fence;
    }
    return fences;
  }
}
