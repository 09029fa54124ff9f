package dev.sheaf.cli.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.cli.aot.AotCache;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * The packaged server as a child process of this one that looks through a stopped data folder and
 * ends. Its errors go to ours.
 */
public final class StoppedCheckProcess {
  private StoppedCheckProcess() {}

  /**
   * Runs it to its end, which this JVM's end brings about, too.
   *
   * @param options of the server that the folder is of
   * @param line told each line of the answer; what it throws ends the process
   * @return the exit code
   */
  public static int run(ServerOptions options, String database, Consumer<JsonNode> line) {
    ProcessBuilder command =
        ServerProcess.command(options, AotCache.of(ServerProcess.serverJar()).flags());
    command.command().addAll(List.of("check", database));
    Process process;
    try {
      process = command.start();
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "the check cannot be started: " + e.getMessage(), null);
    }
    var stopAtExit = new Thread(process::destroy, "stop-check");
    Runtime.getRuntime().addShutdownHook(stopAtExit);
    try {
      readLines(process, line);
      int code = process.waitFor();
      boolean unused = Runtime.getRuntime().removeShutdownHook(stopAtExit);
      return code;
    } catch (IOException e) {
      throw new CliException(ExitCode.FAILED, "the check's answer cannot be read: " + e, null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", null);
    } finally {
      process.destroy();
    }
  }

  private static void readLines(Process process, Consumer<JsonNode> line) throws IOException {
    var json = new ObjectMapper();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        line.accept(parsed(json, text));
      }
    }
  }

  private static JsonNode parsed(ObjectMapper json, String text) {
    try {
      return json.readTree(text);
    } catch (JsonProcessingException e) {
      throw new CliException(ExitCode.FAILED, "no line of a check: " + text, null);
    }
  }
}
