package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The segment file, version 2. Pages are little-endian, being read by the word; the rest is
 * big-endian like all records of Sheaf. There is no padding: every byte is covered by a checksum or
 * compared with its only legal value.
 *
 * <pre>
 * +--------+----------+------------+----------+-----+----------+-------+-------+--------+
 * | header | keys     | timestamps | column 1 | ... | column n | bloom | index | footer |
 * +--------+----------+------------+----------+-----+----------+-------+-------+--------+
 *             |
 *             +--> | block of row group 0            | block of row group 1 | ...
 *                  | [dictionary] page page ... page | ...
 *
 * header, 8 bytes
 *   magic          8 x ASCII   SHFSEGMT
 *
 * index
 *   an {@link Envelope} SHFSEGIX, which has version and checksum, around
 *   object key     sized       ASCII: another object under this key is noticed; empty if the writer
 *                              did not know it; not in version 1
 *   {@link SegmentIndexCodec}'s bytes
 *
 * footer, 32 bytes
 *   index offset   u64         where the last page ends
 *   index length   u32         with its envelope
 *   file length    u64         of the whole file
 *   footer CRC-32C u32         of the 20 bytes before
 *   magic          8 x ASCII   SHFSEGMT
 * </pre>
 *
 * A column is one contiguous range, so k of n columns cost k range reads. A block is one column's
 * share of a row group of {@link SegmentReader#ROW_GROUP_ROWS} rows; a page ({@link Page}) holds at
 * most 4,096 rows of it (keys: 1,024), fewer when values are wide. Pages are checksummed, cached
 * and decoded by themselves; the index lists them.
 *
 * <table>
 * <caption>Column ids</caption>
 * <tr><th>id</th><th>content</th></tr>
 * <tr><td>-2</td><td>bloom filter over the keys, {@link BloomFilter}</td></tr>
 * <tr><td>-1</td><td>commit timestamps, LONG; absent when all rows have one timestamp, given elsewhere</td></tr>
 * <tr><td>0</td><td>table keys, BYTES, never NULL</td></tr>
 * <tr><td>1...</td><td>the table's columns</td></tr>
 * </table>
 */
final class SegmentLayout {
  static final int TIMESTAMP_COLUMN = -1;
  static final int BLOOM_COLUMN = -2;

  static final int HEADER_BYTES = Envelope.MAGIC_BYTES;
  static final int FOOTER_BYTES = 32;

  private static final String MAGIC = "SHFSEGMT";
  private static final String INDEX_MAGIC = "SHFSEGIX";
  private static final int VERSION = 2;
  private static final int NAMELESS_VERSION = 1;
  private static final int VERSION_AT = 8;
  private static final int CHECKED_FOOTER_BYTES = 20;

  private SegmentLayout() {}

  static byte[] header() {
    return MAGIC.getBytes(StandardCharsets.US_ASCII);
  }

  static void checkHeader(String objectKey, byte[] file) {
    if (!Arrays.equals(file, 0, HEADER_BYTES, header(), 0, HEADER_BYTES)) {
      throw SegmentErrors.corrupted(objectKey, "its header is not a segment's");
    }
  }

  /**
   * @param objectKey under which the segment will lie; empty = unknown
   */
  static byte[] sealIndex(String objectKey, ByteWriter index) {
    var named = new ByteWriter(index.size() + objectKey.length() + 4);
    named.block(objectKey.getBytes(StandardCharsets.US_ASCII)).raw(index.toByteArray());
    return Envelope.seal(INDEX_MAGIC, VERSION, named.toByteArray());
  }

  static ByteReader openIndex(String objectKey, byte[] sealed) {
    String source = "segment '" + objectKey + "'";
    ByteReader in = Envelope.open(source, INDEX_MAGIC, VERSION, sealed);
    int version = new ByteReader(source, sealed, VERSION_AT, VERSION_AT + 4).u32();
    if (version != NAMELESS_VERSION) {
      String named = new String(in.block(), StandardCharsets.US_ASCII);
      if (!named.isEmpty() && !named.equals(objectKey)) {
        throw SegmentErrors.corrupted(objectKey, "it holds the bytes of '" + named + "'");
      }
    }
    return in;
  }

  /** Where the index lies; checked against the file's length. */
  record Footer(long indexOffset, int indexLength) {

    byte[] encode() {
      var out = new ByteWriter(FOOTER_BYTES);
      out.u64(indexOffset).u32(indexLength).u64(indexOffset + indexLength + FOOTER_BYTES);
      return out.u32(out.crc32c()).raw(header()).toByteArray();
    }

    /** Reads the footer at the end of {@code tail}, which ends a file of {@code fileBytes}. */
    static Footer decode(String objectKey, byte[] tail, long fileBytes) {
      int at = tail.length - FOOTER_BYTES;
      int magicAt = tail.length - HEADER_BYTES;
      if (!Arrays.equals(tail, magicAt, tail.length, header(), 0, HEADER_BYTES)) {
        throw SegmentErrors.corrupted(objectKey, "it does not end as a segment");
      }
      var in = new ByteReader("segment '" + objectKey + "'", tail, at, tail.length);
      var footer = new Footer(in.u64(), in.u32());
      long length = in.u64();
      if (in.u32() != Envelope.crc32c(tail, at, CHECKED_FOOTER_BYTES)) {
        throw SegmentErrors.corrupted(objectKey, "wrong checksum of the footer");
      }
      boolean fits =
          length == fileBytes
              && footer.indexLength >= 0
              && footer.indexOffset >= HEADER_BYTES
              && footer.indexOffset == fileBytes - FOOTER_BYTES - footer.indexLength;
      if (!fits) {
        throw SegmentErrors.corrupted(
            objectKey, "it has " + fileBytes + " bytes, its footer says " + length);
      }
      return footer;
    }
  }

  static int code(PhysicalType type) {
    return switch (type) {
      case BOOL -> 1;
      case INT -> 2;
      case LONG -> 3;
      case INT128 -> 4;
      case DOUBLE -> 5;
      case BYTES -> 6;
    };
  }

  static PhysicalType type(int code) {
    for (PhysicalType type : PhysicalType.values()) {
      if (code(type) == code) {
        return type;
      }
    }
    throw new IndexOutOfBoundsException("physical type " + code);
  }
}
