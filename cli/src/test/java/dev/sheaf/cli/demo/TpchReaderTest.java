package dev.sheaf.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.trino.tpch.TpchTable;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DecimalVector;
import org.junit.jupiter.api.Test;

class TpchReaderTest {
  @Test
  void streamsATableInBatches() throws Exception {
    var progress = new AtomicLong();
    try (var allocator = new RootAllocator();
        var reader = TpchReader.of(TpchTable.CUSTOMER, 0.2, allocator, progress::set)) {
      long rows = 0;
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
        var balance = (DecimalVector) reader.getVectorSchemaRoot().getVector("c_acctbal");
        assertThat(balance.getObject(0).scale()).isEqualTo(2);
      }
      assertThat(rows).isEqualTo(30_000).isEqualTo(progress.get());
    }
  }

  @Test
  void hasAllQueries() {
    for (int q = 1; q <= TpchQueries.COUNT; q++) {
      assertThat(TpchQueries.text(q, 0.1)).containsIgnoringCase("select").doesNotContain("$");
    }
  }
}
