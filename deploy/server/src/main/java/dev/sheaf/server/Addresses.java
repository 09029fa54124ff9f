package dev.sheaf.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.control.server.SqlAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Where a running server is found.
 *
 * @param httpHost as listened on
 * @param sql where SQL clients connect, if this process knows
 * @param imports the folder of COPY, if this process runs queries
 */
record Addresses(
    Optional<SqlAddress> sql, String httpHost, int httpPort, Path data, Optional<Path> imports) {

  String rest() {
    return base() + "/api/v2";
  }

  private String base() {
    String host =
        switch (httpHost) {
          case "0.0.0.0", "::" -> "127.0.0.1";
          default -> httpHost.contains(":") ? "[" + httpHost + "]" : httpHost;
        };
    return "http://" + host + ":" + httpPort;
  }

  /** For people. */
  String block() {
    String clients =
        sql.map(to ->
                """
                  Flight SQL  %s   (call header: database)
                  JDBC        %s
                """
                    .formatted(to.flightSql(), to.jdbc("DATABASE")))
            .orElse("");
    return """
    Sheaf is ready.
    %s\
      REST        %s   (create: POST %s/databases {"name": "..."})
      Console     %s/
      Metrics     %s/q/metrics
      Data        %s
    """
        .formatted(clients, rest(), rest(), base(), base(), data);
  }

  /** For programs: one line. */
  String readyLine() {
    var fields = new LinkedHashMap<String, Object>();
    sql.ifPresent(to -> {
      fields.put("flight_host", to.host());
      fields.put("flight_port", to.port());
      fields.put("flight_sql", to.flightSql());
    });
    fields.put("http_port", httpPort);
    fields.put("rest", rest());
    fields.put("data", data.toString());
    imports.ifPresent(folder -> fields.put("import", folder.toString()));
    fields.put("pid", ProcessHandle.current().pid());
    try {
      return "SHEAF READY " + new ObjectMapper().writeValueAsString(fields);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers are always JSON", e);
    }
  }
}
