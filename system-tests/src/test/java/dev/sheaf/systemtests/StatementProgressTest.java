package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.TpchReader;
import dev.sheaf.cli.demo.TpchSchema;
import io.trino.tpch.TpchTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** SHOW STATEMENTS as clients see it, while another client loads. */
final class StatementProgressTest {
  private static final double SCALE = 0.02;
  private static final long WAIT_SECONDS = 60;
  private static final int ROWS = 4;
  private static final int TEXT = 8;

  private static List<@Nullable String[]> statements(SqlClient client) {
    List<@Nullable String[]> rows = new ArrayList<>();
    client.execute("SHOW STATEMENTS", new RowTexts(rows));
    return rows;
  }

  /** Looks until so many rows have come, which they must, since they were sent. */
  private static long await(SqlClient looker, String text, long rows) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      for (@Nullable String[] row : statements(looker)) {
        if (text.equals(row[TEXT]) && Long.parseLong(String.valueOf(row[ROWS])) >= rows) {
          return Long.parseLong(String.valueOf(row[ROWS]));
        }
      }
      assertThat(System.nanoTime() - end).as("nanoseconds too late").isNegative();
    }
  }

  @Test
  void aLoadIsSeenByOthersOfItsDatabase() {
    try (SheafServer server = SheafServer.throwAway()) {
      server.createDatabase("shop");
      server.createDatabase("other");
      TpchTable<?> table = TpchTable.LINE_ITEM;
      var seen = new ArrayList<Long>();
      try (SqlClient loader = server.client("shop");
          SqlClient looker = server.client("shop");
          SqlClient stranger = server.client("other")) {
        loader.execute(TpchSchema.createTable(table), new RowTexts(new ArrayList<>()));
        var last = new long[1];
        try (ArrowReader rows =
            TpchReader.of(
                table,
                SCALE,
                loader.allocator(),
                produced -> {
                  // Those of this batch are still here, those before it are under way.
                  if (last[0] > 0) {
                    seen.add(await(looker, "ingest into lineitem", last[0]));
                  }
                  last[0] = produced;
                  assertThat(statements(stranger)).isEmpty();
                })) {
          assertThat(loader.ingest("lineitem", rows)).isEqualTo(last[0]);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        assertThat(seen).isSorted().doesNotHaveDuplicates().hasSizeGreaterThan(5);
        assertThat(statements(looker)).isEmpty();

        loader.execute("COPY lineitem TO 'lines.csv'", new RowTexts(new ArrayList<>()));
        assertThat(Files.exists(server.addresses().importFolder().resolve("lines.csv"))).isTrue();
        assertThat(statements(looker)).isEmpty();
      }
    }
  }
}
