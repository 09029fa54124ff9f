package dev.sheaf.cli.demo;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Flights in the USA: an Arrow file and two CSV files of a public package, loaded with COPY. */
public final class FlightsDemo implements Demo {
  private static final String AIRPORTS = "airports.csv";
  private static final String ROUTES = "flights-airport.csv";
  private static final String FLIGHTS = "flights-200k.arrow";

  private final Path importFolder;

  /**
   * @param importFolder the folder from which the server lets COPY read
   */
  public FlightsDemo(Path importFolder) {
    this.importFolder = importFolder;
  }

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
    copy(client, out, "airports", data.resolve(AIRPORTS), "FORMAT csv, HEADER true");
    copy(client, out, "routes", data.resolve(ROUTES), "FORMAT csv, HEADER true");
    copy(client, out, "flights", data.resolve(FLIGHTS), "FORMAT arrow");
  }

  private void copy(SqlClient client, PrintStream out, String table, Path file, String options) {
    Path target = importFolder.resolve(String.valueOf(file.getFileName()));
    try {
      Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED,
          "cannot copy " + file + " to the server's import folder " + importFolder,
          "The flights demonstration needs a server on this machine.");
    }
    var bar = new ProgressBar(out, table, 0);
    String path = String.valueOf(file.getFileName());
    bar.done(run(client, "COPY " + table + " FROM '" + path + "' WITH (" + options + ")"));
    try {
      Files.delete(target);
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
