package dev.sheaf.protocol.format;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * What surrounds every small file and object that is read as a whole.
 *
 * <pre>
 * +------------+-------------+------------+---------+--------------------------+
 * | magic      | version     | length     | payload | CRC-32C of all before it |
 * | 8 x ASCII  | u32 BE      | u32 BE     | bytes   | u32 BE                   |
 * +------------+-------------+------------+---------+--------------------------+
 * </pre>
 *
 * Pure and thread-safe.
 */
public final class Envelope {
  public static final int MAGIC_BYTES = 8;
  private static final int HEADER_BYTES = MAGIC_BYTES + 8;
  private static final int OVERHEAD_BYTES = HEADER_BYTES + 4;

  private Envelope() {}

  /**
   * @param magic exactly 8 ASCII characters
   */
  public static byte[] seal(String magic, int version, byte[] payload) {
    byte[] name = magic.getBytes(StandardCharsets.US_ASCII);
    if (name.length != MAGIC_BYTES) {
      throw new IllegalArgumentException("magic of " + name.length + " bytes: " + magic);
    }
    var out = new ByteWriter(payload.length + OVERHEAD_BYTES);
    out.raw(name).u32(version).u32(payload.length).raw(payload);
    return out.u32(out.crc32c()).toByteArray();
  }

  /**
   * The payload's reader, after all checks; XX001 naming the source if any byte is not as written,
   * 0A000 if a newer Sheaf wrote it.
   */
  public static ByteReader open(String source, String magic, int newestVersion, byte[] sealed) {
    var in = new ByteReader(source, sealed);
    if (sealed.length < OVERHEAD_BYTES) {
      throw in.corrupted("only " + sealed.length + " bytes");
    }
    int stored = new ByteReader(source, sealed, sealed.length - 4, sealed.length).u32();
    if (stored != crc32c(sealed, 0, sealed.length - 4)) {
      throw in.corrupted("wrong checksum");
    }
    String found = new String(in.raw(MAGIC_BYTES), StandardCharsets.US_ASCII);
    if (!found.equals(magic)) {
      throw in.corrupted("it begins with " + found + " and not with " + magic);
    }
    int version = in.u32();
    if (version < 1 || version > newestVersion) {
      throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED,
              source + " has format version " + version + "; this build reads 1.." + newestVersion)
          .withHint("A newer Sheaf wrote it: run that version or a later one.");
    }
    int length = in.u32();
    if (length != sealed.length - OVERHEAD_BYTES) {
      throw in.corrupted("wrong length");
    }
    return new ByteReader(source, sealed, HEADER_BYTES, HEADER_BYTES + length);
  }

  public static int crc32c(byte[] bytes, int from, int length) {
    var crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
