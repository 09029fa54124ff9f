package dev.sheaf.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * PostgreSQL with synchronous quorum replication: a primary and three standbys on loopback, each
 * with fsync on; a commit is answered when the primary and two of the standbys have it on disk.
 */
final class PostgresQuorum implements AutoCloseable {
  private static final int STANDBYS = 3;
  private static final int START_TRIES = 300;

  private final Deque<AutoCloseable> servers = new ArrayDeque<>();
  private final String url;

  /**
   * @param folder an empty one
   */
  PostgresQuorum(Path folder) throws Exception {
    Path primary = Files.createDirectories(folder).resolve("primary");
    // Makes the data folder, of which the standbys' are copies.
    builder(primary, ChildProcess.freePort()).start().close();
    Files.deleteIfExists(primary.resolve("epg-lock"));
    int port = ChildProcess.freePort();
    try {
      for (int number = 1; number <= STANDBYS; number++) {
        copy(primary, standby(folder, number));
      }
      configure(
          primary,
          "synchronous_standby_names = 'ANY 2 (s1, s2, s3)'\nwal_keep_size = 2GB\n"
              + "max_wal_senders = 8\n");
      EmbeddedPostgres server = startPrimary(builder(primary, port));
      url = server.getJdbcUrl("postgres", "postgres");
      for (int number = 1; number <= STANDBYS; number++) {
        Path standby = standby(folder, number);
        Files.createFile(standby.resolve("standby.signal"));
        configure(
            standby,
            "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=s%d'%n"
                .formatted(port, number));
        servers.push(builder(standby, ChildProcess.freePort()).start());
      }
      awaitStreaming();
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private EmbeddedPostgres startPrimary(EmbeddedPostgres.Builder builder) throws IOException {
    EmbeddedPostgres server = builder.start();
    servers.addLast(server);
    return server;
  }

  private static Path standby(Path folder, int number) {
    return folder.resolve("standby-" + number);
  }

  private static EmbeddedPostgres.Builder builder(Path data, int port) {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setPort(port)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("max_connections", "120")
        .setServerConfig("shared_buffers", "512MB")
        .setServerConfig("max_wal_size", "4GB");
  }

  /** After what is there: the last setting of a name counts. */
  private static void configure(Path data, String settings) throws IOException {
    Files.writeString(data.resolve("postgresql.auto.conf"), settings, StandardOpenOption.APPEND);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private void awaitStreaming() throws SQLException, InterruptedException {
    for (int attempt = 0; attempt < START_TRIES; attempt++) {
      try (Connection connection = connect();
          Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT count(*) FROM pg_stat_replication"
                      + " WHERE state = 'streaming' AND sync_state = 'quorum'")) {
        rows.next();
        if (rows.getInt(1) == STANDBYS) {
          return;
        }
      }
      Thread.sleep(100);
    }
    throw new SQLException("the standbys do not follow");
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  /** The standbys first. */
  @Override
  public void close() throws Exception {
    for (AutoCloseable server : List.copyOf(servers)) {
      server.close();
    }
  }
}
