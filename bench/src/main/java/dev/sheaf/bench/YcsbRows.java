package dev.sheaf.bench;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.postgresql.PGConnection;

/** YCSB's table: ten fields of a hundred random characters a row. */
final class YcsbRows {
  private static final int FIELD_CHARACTERS = 100;
  private static final int BATCH_ROWS = 4_096;
  private static final int PRINTABLE = 94;
  private static final int SEED = 7;

  private YcsbRows() {}

  /** Printable, without what COPY would have to escape. */
  static String field(RandomGenerator random) {
    byte[] text = new byte[FIELD_CHARACTERS];
    for (int i = 0; i < text.length; i++) {
      byte c = (byte) (' ' + 1 + random.nextInt(PRINTABLE));
      text[i] = c == '\\' ? (byte) '/' : c;
    }
    return new String(text, StandardCharsets.US_ASCII);
  }

  static String[] fields(RandomGenerator random) {
    String[] fields = new String[YcsbClient.FIELDS];
    for (int f = 0; f < fields.length; f++) {
      fields[f] = field(random);
    }
    return fields;
  }

  static void load(SqlClient client, long rows) throws IOException {
    client.execute(YcsbClient.create(), new RowTexts(new ArrayList<>()));
    try (var source = new Source(client.allocator(), rows)) {
      if (client.ingest("usertable", source) != rows) {
        throw new IllegalStateException("not all rows were loaded");
      }
    }
  }

  static void load(Connection connection, long rows) throws SQLException, IOException {
    var random = new SplittableRandom(SEED);
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute(YcsbClient.create());
      var copy = connection.unwrap(PGConnection.class).getCopyAPI();
      var text = new StringBuilder();
      for (long id = 0; id < rows; id++) {
        text.append(id).append('\t').append(String.join("\t", fields(random))).append('\n');
        if ((id + 1) % BATCH_ROWS == 0 || id + 1 == rows) {
          copy.copyIn("COPY usertable FROM STDIN", new StringReader(text.toString()));
          text.setLength(0);
        }
      }
      statement.execute("VACUUM ANALYZE usertable");
    }
  }

  /** The rows as batches of Arrow. */
  private static final class Source extends ArrowReader {
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final long rows;
    private long next;

    Source(BufferAllocator allocator, long rows) {
      super(allocator);
      this.rows = rows;
    }

    @Override
    protected Schema readSchema() {
      List<Field> fields = new ArrayList<>();
      fields.add(new Field("ycsb_key", FieldType.notNullable(new ArrowType.Int(64, true)), null));
      for (int f = 0; f < YcsbClient.FIELDS; f++) {
        fields.add(new Field("field" + f, FieldType.notNullable(new ArrowType.Utf8()), null));
      }
      return new Schema(fields);
    }

    @Override
    public boolean loadNextBatch() throws IOException {
      VectorSchemaRoot root = getVectorSchemaRoot();
      int count = (int) Math.min(BATCH_ROWS, rows - next);
      root.clear();
      for (int i = 0; i < count; i++) {
        ((BigIntVector) root.getVector(0)).setSafe(i, next++);
        String[] fields = fields(random);
        for (int f = 0; f < fields.length; f++) {
          ((VarCharVector) root.getVector(1 + f))
              .setSafe(i, fields[f].getBytes(StandardCharsets.US_ASCII));
        }
      }
      root.setRowCount(count);
      return count > 0;
    }

    @Override
    public long bytesRead() {
      return 0;
    }

    @Override
    protected void closeReadSource() {}
  }
}
