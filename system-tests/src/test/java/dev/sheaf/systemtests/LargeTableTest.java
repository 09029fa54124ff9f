package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table larger than the server's whole heap is loaded in one atomic stream and scanned. */
final class LargeTableTest {
  private static final String HEAP = "400m";
  private static final int BATCHES = 160;
  private static final int BATCH_ROWS = 4_000;

  /** Random, so that no compression makes it small: 160 x 4,000 x 1,000 bytes = 640 MB. */
  private static final int PAYLOAD_BYTES = 1_000;

  @TempDir Path data;

  @Test
  void loadsAndScansMoreThanMemory() throws Exception {
    try (SheafServer server = SheafServer.on(data, HEAP)) {
      server.createDatabase("large");
      try (SqlClient client = server.client("large")) {
        execute(client, "CREATE TABLE big (id BIGINT PRIMARY KEY, payload BYTEA NOT NULL)");
        try (var rows = new Payloads(client.allocator())) {
          assertThat(client.ingest("big", rows)).isEqualTo((long) BATCHES * BATCH_ROWS);
        }
        long n = (long) BATCHES * BATCH_ROWS;
        assertThat(execute(client, "SELECT count(*), sum(id), min(octet_length(payload)) FROM big"))
            .containsExactly(new String[] {"" + n, "" + n * (n - 1) / 2, "" + PAYLOAD_BYTES});
        long[] streamed = new long[1];
        client.execute(
            "SELECT id, payload FROM big",
            new SqlClient.Rows() {
              @Override
              public void fields(List<dev.sheaf.protocol.type.Field> fields) {
                assertThat(fields).hasSize(2);
              }

              @Override
              public void batch(dev.sheaf.columnar.vector.Batch batch) {
                streamed[0] += batch.selected();
              }
            });
        assertThat(streamed[0]).isEqualTo(n);
      }
      assertThat(server.isAlive()).isTrue();
    }
  }

  private static List<String[]> execute(SqlClient client, String sql) {
    List<String[]> rows = new ArrayList<>();
    client.execute(sql, new RowTexts(rows));
    return rows;
  }

  /** Random payloads under ascending ids. */
  private static final class Payloads extends ArrowReader {
    private final Random random = new Random(1);
    private int batch;

    Payloads(BufferAllocator allocator) {
      super(allocator);
    }

    @Override
    protected Schema readSchema() {
      return new Schema(
          List.of(
              Field.notNullable("id", new ArrowType.Int(64, true)),
              Field.notNullable("payload", ArrowType.Binary.INSTANCE)));
    }

    @Override
    public boolean loadNextBatch() throws IOException {
      prepareLoadNextBatch();
      if (batch == BATCHES) {
        return false;
      }
      VectorSchemaRoot root = getVectorSchemaRoot();
      root.allocateNew();
      byte[] payload = new byte[PAYLOAD_BYTES];
      for (int i = 0; i < BATCH_ROWS; i++) {
        ((BigIntVector) root.getVector(0)).setSafe(i, (long) batch * BATCH_ROWS + i);
        random.nextBytes(payload);
        ((VarBinaryVector) root.getVector(1)).setSafe(i, payload);
      }
      root.setRowCount(BATCH_ROWS);
      batch++;
      return true;
    }

    @Override
    public long bytesRead() {
      return 0;
    }

    @Override
    protected void closeReadSource() {
      // Generated, nothing is open.
    }
  }
}
