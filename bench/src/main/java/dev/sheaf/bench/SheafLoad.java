package dev.sheaf.bench;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.demo.TpchSchema;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.stream.Stream;
import org.apache.arrow.vector.ipc.ArrowFileReader;

/** Loads into a Sheaf server, which several of these may share: a database for each load. */
final class SheafLoad implements LoadTarget {
  private final SheafPeer server;
  private final Path data;
  private final Way way;
  private long bytesBefore;

  /** How rows get into the server. */
  enum Way {
    INGEST("Sheaf, Flight SQL ingest"),
    COPY_ARROW("Sheaf, COPY of Arrow"),
    COPY_CSV("Sheaf, COPY of CSV");

    private final String name;

    Way(String name) {
      this.name = name;
    }
  }

  /**
   * @param data the server's folder
   */
  SheafLoad(SheafPeer server, Path data, Way way) {
    this.server = server;
    this.data = data;
    this.way = way;
  }

  @Override
  public String name() {
    return way.name;
  }

  @Override
  public void prepare() throws IOException {
    server.replaceDatabase();
    try (SqlClient client = server.client()) {
      client.execute(TpchSchema.createTable(LoadFiles.TABLE), new RowTexts(new ArrayList<>()));
    }
    bytesBefore = objectBytes();
  }

  @Override
  public void load(LoadFiles files) throws IOException {
    try (SqlClient client = server.client()) {
      switch (way) {
        case INGEST -> ingest(client, files.arrow());
        case COPY_ARROW -> copy(client, "COPY lineitem FROM '%s' (FORMAT arrow)", files.arrow());
        case COPY_CSV -> copy(client, LoadFiles.copyCsv(Path.of("%s")), files.csv());
      }
    }
  }

  private static void ingest(SqlClient client, Path arrow) throws IOException {
    try (FileChannel file = FileChannel.open(arrow, StandardOpenOption.READ);
        var rows = new ArrowFileReader(file, client.allocator())) {
      client.ingest(LoadFiles.TABLE.getTableName(), rows);
    }
  }

  private void copy(SqlClient client, String sql, Path file) {
    Path inImports = importFolder(data).relativize(file);
    client.execute(sql.formatted(inImports), new RowTexts(new ArrayList<>()));
  }

  /** Where a server reads files for COPY. */
  static Path importFolder(Path data) {
    return data.resolve("import");
  }

  @Override
  public long storedBytes() throws IOException {
    return objectBytes() - bytesBefore;
  }

  private long objectBytes() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("objects"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Override
  public Connection connect() throws SQLException {
    return server.connect();
  }

  @Override
  public void close() {
    // The server belongs to whoever started it.
  }
}
