package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.PhysicalType;

/**
 * The segment file, version 1. All integers are little-endian; there is no padding, so every byte
 * is covered by a checksum or compared with its only legal value.
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
 *   magic          u32   0x47455346
 *   version        u32   1
 *
 * footer, 36 bytes
 *   index offset   u64   where the last page ends
 *   index length   u32
 *   index CRC-32C  u32
 *   file length    u64   of the whole file
 *   version        u32   1
 *   footer CRC-32C u32   of the 28 bytes before
 *   magic          u32   0x47455346
 * </pre>
 *
 * A column is one contiguous range, so k of n columns cost k range reads. A block is one column's
 * share of a row group of {@link SegmentReader#ROW_GROUP_ROWS} rows; a page ({@link Page}) holds at
 * most 4,096 rows of it (keys: 1,024), fewer when values are wide. Pages are checksummed, cached
 * and decoded by themselves. The index ({@link SegmentIndexCodec}) lists them.
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

  static final int HEADER_BYTES = 8;
  static final int FOOTER_BYTES = 36;

  private static final int MAGIC = 0x47455346;
  private static final int VERSION = 1;

  private SegmentLayout() {}

  static byte[] header() {
    byte[] header = new byte[HEADER_BYTES];
    LittleEndian.putInt(header, 0, MAGIC);
    LittleEndian.putInt(header, 4, VERSION);
    return header;
  }

  static void checkHeader(String objectKey, byte[] file) {
    if (LittleEndian.getInt(file, 0) != MAGIC || LittleEndian.getInt(file, 4) != VERSION) {
      throw SegmentErrors.corrupted(objectKey, "its header is not a segment's");
    }
  }

  /** Where the index lies; checked against the file's length. */
  record Footer(long indexOffset, int indexLength, int indexCrc) {

    byte[] encode() {
      byte[] footer = new byte[FOOTER_BYTES];
      LittleEndian.putLong(footer, 0, indexOffset);
      LittleEndian.putInt(footer, 8, indexLength);
      LittleEndian.putInt(footer, 12, indexCrc);
      LittleEndian.putLong(footer, 16, indexOffset + indexLength + FOOTER_BYTES);
      LittleEndian.putInt(footer, 24, VERSION);
      LittleEndian.putInt(footer, 28, Page.crc(footer, 0, 28));
      LittleEndian.putInt(footer, 32, MAGIC);
      return footer;
    }

    /** Reads the footer that begins at {@code at} of a file of {@code fileBytes}. */
    static Footer decode(String objectKey, byte[] bytes, int at, long fileBytes) {
      if (LittleEndian.getInt(bytes, at + 32) != MAGIC) {
        throw SegmentErrors.corrupted(objectKey, "it does not end in a segment's footer");
      }
      if (LittleEndian.getInt(bytes, at + 28) != Page.crc(bytes, at, 28)) {
        throw SegmentErrors.corrupted(objectKey, "checksum of the footer");
      }
      int version = LittleEndian.getInt(bytes, at + 24);
      if (version != VERSION) {
        throw new SheafException(
                ErrorCode.FEATURE_NOT_SUPPORTED,
                "segment '" + objectKey + "' has format version " + version)
            .withHint("It was written by a newer Sheaf: upgrade this node.");
      }
      var footer =
          new Footer(
              LittleEndian.getLong(bytes, at),
              LittleEndian.getInt(bytes, at + 8),
              LittleEndian.getInt(bytes, at + 12));
      boolean fits =
          LittleEndian.getLong(bytes, at + 16) == fileBytes
              && footer.indexLength >= 0
              && footer.indexOffset >= HEADER_BYTES
              && footer.indexOffset + footer.indexLength + FOOTER_BYTES == fileBytes;
      if (!fits) {
        throw SegmentErrors.corrupted(
            objectKey, "it has " + fileBytes + " bytes, not what its footer says");
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
