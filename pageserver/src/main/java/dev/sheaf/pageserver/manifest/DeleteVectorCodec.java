package dev.sheaf.pageserver.manifest;

import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An object of delete vectors: what one flush, or a consolidation of many, superseded.
 *
 * <pre>
 * {@link Envelope} "SHFDELVC" around: own key text, segment count varint, per segment:
 *   object key text, entry count varint, per entry: row delta varint, since u64
 * own key: another object under this key is noticed
 * row delta: to the entry before, the first to 0
 * </pre>
 *
 * Version 1 begins with the segment count.
 */
final class DeleteVectorCodec {
  private static final String MAGIC = "SHFDELVC";
  private static final int VERSION = 2;
  private static final int NAMELESS_VERSION = 1;
  private static final int VERSION_AT = Envelope.MAGIC_BYTES;

  private DeleteVectorCodec() {}

  static byte[] encode(String key, Map<String, DeleteVector> vectors) {
    var out = new ByteWriter(1024);
    out.text(key).varint(vectors.size());
    vectors.forEach((objectKey, vector) -> {
      out.text(objectKey).varint(vector.size());
      int previous = 0;
      for (int i = 0; i < vector.size(); i++) {
        out.varint(vector.rows()[i] - previous).u64(vector.since()[i]);
        previous = vector.rows()[i];
      }
    });
    return Envelope.seal(MAGIC, VERSION, out.toByteArray());
  }

  static Map<String, DeleteVector> decode(String key, byte[] bytes) {
    ByteReader in = Envelope.open(key, MAGIC, VERSION, bytes);
    if (new ByteReader(key, bytes, VERSION_AT, VERSION_AT + 4).u32() != NAMELESS_VERSION) {
      String named = in.text();
      if (!named.equals(key)) {
        throw in.corrupted("it holds the bytes of " + named);
      }
    }
    int segments = in.count(2);
    var vectors = new LinkedHashMap<String, DeleteVector>();
    for (int s = 0; s < segments; s++) {
      String objectKey = in.text();
      int count = in.count(9);
      int[] rows = new int[count];
      long[] since = new long[count];
      long row = 0;
      for (int i = 0; i < count; i++) {
        long delta = in.varint();
        row += delta;
        if (delta < (i == 0 ? 0 : 1) || row > Integer.MAX_VALUE) {
          throw in.corrupted("rows out of order");
        }
        rows[i] = (int) row;
        since[i] = in.u64();
      }
      vectors.put(objectKey, new DeleteVector(rows, since));
    }
    in.end();
    return vectors;
  }
}
