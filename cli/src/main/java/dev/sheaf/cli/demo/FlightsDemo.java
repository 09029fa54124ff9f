package dev.sheaf.cli.demo;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.arrow.vector.ipc.ArrowFileReader;

/**
 * Flights in the USA: an Arrow file and two CSV files of a public package, sent over the connection
 * so that the server may be anywhere.
 */
public final class FlightsDemo implements Demo {
  private static final String AIRPORTS = "airports.csv";
  private static final String ROUTES = "flights-airport.csv";
  private static final String FLIGHTS = "flights-200k.arrow";
  private static final int ROWS_A_STATEMENT = 500;
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");

  @Override
  public String database() {
    return "flights";
  }

  @Override
  public void load(SqlClient client, PrintStream out) {
    Path data = VegaDatasets.folder(out);
    run(
        client,
        "CREATE TABLE airports (iata VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, city VARCHAR,"
            + " state VARCHAR, country VARCHAR, latitude DOUBLE PRECISION, longitude DOUBLE PRECISION)");
    run(
        client,
        "CREATE TABLE routes (origin VARCHAR, destination VARCHAR, flights INTEGER NOT NULL,"
            + " PRIMARY KEY (origin, destination))");
    run(client, "CREATE TABLE flights (time REAL, distance SMALLINT, delay SMALLINT)");
    insert(client, out, "airports", CsvFile.read(data.resolve(AIRPORTS)));
    insert(client, out, "routes", CsvFile.read(data.resolve(ROUTES)));
    ingest(client, out, "flights", data.resolve(FLIGHTS));
  }

  /** A few thousand rows, as statements: what is not a number there is a text. */
  private static void insert(
      SqlClient client, PrintStream out, String table, List<List<String>> rows) {
    var bar = new ProgressBar(out, table, rows.size());
    for (int from = 0; from < rows.size(); from += ROWS_A_STATEMENT) {
      String values =
          rows.subList(from, Math.min(rows.size(), from + ROWS_A_STATEMENT)).stream()
              .map(FlightsDemo::tuple)
              .collect(Collectors.joining(", "));
      bar.at(run(client, "INSERT INTO " + table + " VALUES " + values) + from);
    }
    bar.done(rows.size());
  }

  private static String tuple(List<String> row) {
    return row.stream()
        .map(
            field -> NUMBER.matcher(field).matches() ? field : "'" + field.replace("'", "''") + "'")
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static void ingest(SqlClient client, PrintStream out, String table, Path file) {
    var bar = new ProgressBar(out, table, 0);
    try (var channel = Files.newByteChannel(file);
        var rows = new ArrowFileReader(channel, client.allocator())) {
      bar.done(client.ingest(table, rows));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long run(SqlClient client, String sql) {
    return client.execute(sql, new RowTexts(new ArrayList<>()))
            instanceof SqlClient.Outcome.Changed c
        ? c.rows()
        : 0;
  }

  @Override
  public List<Question> questions() {
    return List.of(
        new Question(
            "How many flights, how far, how late?",
            "SELECT count(*) AS flights, avg(distance) AS avg_miles, avg(delay) AS avg_delay_minutes,"
                + " max(delay) AS worst FROM flights"),
        new Question(
            "Delays by hour of departure",
            "SELECT CAST(FLOOR(time) AS INTEGER) AS hour, count(*) AS flights, avg(delay) AS avg_delay"
                + " FROM flights WHERE time IS NOT NULL GROUP BY 1 ORDER BY 1"),
        new Question(
            "Delay by distance",
            "SELECT distance / 500 * 500 AS from_miles, count(*) AS flights, avg(delay) AS avg_delay"
                + " FROM flights GROUP BY distance / 500 * 500 ORDER BY 1"),
        new Question(
            "Busiest airports",
            "SELECT a.iata, a.name, a.city, sum(r.flights) AS departures FROM routes r"
                + " JOIN airports a ON a.iata = r.origin GROUP BY a.iata, a.name, a.city"
                + " ORDER BY departures DESC LIMIT 10"),
        new Question(
            "Routes flown in one direction only",
            "SELECT r.origin, r.destination, r.flights FROM routes r WHERE NOT EXISTS (SELECT 1 FROM routes b"
                + " WHERE b.origin = r.destination AND b.destination = r.origin)"
                + " ORDER BY r.flights DESC, r.origin, r.destination LIMIT 10"),
        new Question(
            "States with more traffic than the average state",
            "WITH by_state AS (SELECT a.state, sum(r.flights) AS departures FROM routes r"
                + " JOIN airports a ON a.iata = r.origin GROUP BY a.state)"
                + " SELECT state, departures FROM by_state"
                + " WHERE departures > (SELECT avg(departures) FROM by_state) ORDER BY departures DESC"));
  }
}
