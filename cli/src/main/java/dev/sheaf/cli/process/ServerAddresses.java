package dev.sheaf.cli.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.nio.file.Path;

/** Where a started server listens and keeps its files, read from its {@code SHEAF READY} line. */
public record ServerAddresses(
    String flightHost, int flightPort, int httpPort, Path data, Path importFolder) {
  static final String MARK = "SHEAF READY ";

  static ServerAddresses parse(String line) {
    try {
      JsonNode json = new ObjectMapper().readTree(line.substring(MARK.length()));
      return new ServerAddresses(
          json.path("flight_host").asText(),
          json.path("flight_port").asInt(),
          json.path("http_port").asInt(),
          Path.of(json.path("data").asText()),
          Path.of(json.path("import").asText()));
    } catch (JsonProcessingException e) {
      throw new CliException(
          ExitCode.FAILED, "the server's ready line cannot be read: " + line, null);
    }
  }
}
