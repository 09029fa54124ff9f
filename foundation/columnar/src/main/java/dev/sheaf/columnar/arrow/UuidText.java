package dev.sheaf.columnar.arrow;

import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.nio.ByteBuffer;
import java.util.UUID;

/** UUIDs as 16 big-endian bytes and as 36 characters. Pure. */
final class UuidText {
  private UuidText() {}

  static Object parse(Object value, SqlType from, Field target) {
    if (from.kind() == SqlType.Kind.BYTEA && ((byte[]) value).length == 16) {
      return value;
    }
    if (!from.isText()) {
      throw ValueCast.mismatch(from, target);
    }
    String text = ValueCast.utf8(value).strip();
    if (text.length() != BytesWriter.UUID_TEXT_BYTES) {
      throw ValueCast.notA(text, target);
    }
    try {
      UUID uuid = UUID.fromString(text);
      return ByteBuffer.allocate(16)
          .putLong(uuid.getMostSignificantBits())
          .putLong(uuid.getLeastSignificantBits())
          .array();
    } catch (IllegalArgumentException e) {
      throw ValueCast.notA(text, target);
    }
  }

  static String format(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new UUID(in.getLong(), in.getLong()).toString();
  }
}
