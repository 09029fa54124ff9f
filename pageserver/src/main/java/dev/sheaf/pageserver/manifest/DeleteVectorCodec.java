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
 * {@link Envelope} "SHFDELVC" around: segment count varint, per segment:
 *   object key text, entry count varint, per entry: row delta varint, since u64
 * row delta: to the entry before, the first to 0
 * </pre>
 */
final class DeleteVectorCodec {
  private static final String MAGIC = "SHFDELVC";
  private static final int VERSION = 1;

  private DeleteVectorCodec() {}

  static byte[] encode(Map<String, DeleteVector> vectors) {
    var out = new ByteWriter(1024);
    out.varint(vectors.size());
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

  static Map<String, DeleteVector> decode(String source, byte[] bytes) {
    ByteReader in = Envelope.open(source, MAGIC, VERSION, bytes);
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
