package dev.sheaf.bench;

import dev.sheaf.cli.demo.TpchReader;
import dev.sheaf.cli.demo.TpchSchema;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileWriter;

/**
 * TPC-H's lineitem as files that systems load, all with the same rows in the same order.
 *
 * @param csv fields apart by {@link #DELIMITER}, no header, nothing quoted
 * @param arrow an Arrow file, not compressed; absent when the rows are shuffled
 * @param parquet by DuckDB, zstd
 * @param digest {@link LoadBench#digest} of the rows
 */
record LoadFiles(Path csv, Path arrow, Path parquet, long rows, String digest) {
  static final TpchTable<?> TABLE = TpchTable.LINE_ITEM;
  static final char DELIMITER = '|';

  /**
   * Writes the files into a folder, which is created.
   *
   * @param shuffled whether the order of the rows has nothing to do with their key
   */
  static LoadFiles write(Path folder, double scale, boolean shuffled, BufferAllocator allocator)
      throws IOException, SQLException {
    Files.createDirectories(folder);
    Path csv = folder.resolve("lineitem.csv");
    Path arrow = folder.resolve("lineitem.arrow");
    Path parquet = folder.resolve("lineitem.parquet");
    long rows = writeCsv(csv, scale);
    if (!shuffled) {
      writeArrow(arrow, scale, allocator);
    }
    String digest = throughDuckDb(csv, parquet, shuffled);
    return new LoadFiles(csv, arrow, parquet, rows, digest);
  }

  private static long writeCsv(Path csv, double scale) throws IOException {
    long rows = 0;
    try (BufferedWriter out = Files.newBufferedWriter(csv, StandardCharsets.UTF_8)) {
      for (TpchEntity row : TABLE.createGenerator(scale, 1, 1)) {
        String line = row.toLine();
        // TPC-H's own format ends each field.
        out.append(line, 0, line.length() - 1).append('\n');
        rows++;
      }
    }
    return rows;
  }

  private static void writeArrow(Path arrow, double scale, BufferAllocator allocator)
      throws IOException {
    try (var rows = TpchReader.of(TABLE, scale, allocator, n -> {});
        FileChannel file =
            FileChannel.open(arrow, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var out = new ArrowFileWriter(rows.getVectorSchemaRoot(), null, file)) {
      out.start();
      while (rows.loadNextBatch()) {
        out.writeBatch();
      }
      out.end();
    }
  }

  private static String throughDuckDb(Path csv, Path parquet, boolean shuffled)
      throws SQLException {
    String order = shuffled ? " ORDER BY hash(l_orderkey, l_linenumber)" : "";
    String rows = "(SELECT * FROM lineitem" + order + ")";
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      statement.execute(TpchSchema.createTable(TABLE).replaceFirst(", PRIMARY KEY.*", ")"));
      statement.execute(copyCsv(csv));
      if (shuffled) {
        statement.execute(
            "COPY %s TO '%s' (FORMAT csv, DELIMITER '%c', HEADER false)"
                .formatted(rows, csv, DELIMITER));
      }
      statement.execute(
          "COPY %s TO '%s' (FORMAT parquet, COMPRESSION zstd)".formatted(rows, parquet));
      return LoadBench.digest(duckDb);
    }
  }

  /** The statement, for Sheaf and DuckDB. */
  static String copyCsv(Path csv) {
    return "COPY lineitem FROM '" + csv + "' (FORMAT csv, DELIMITER '" + DELIMITER + "')";
  }
}
