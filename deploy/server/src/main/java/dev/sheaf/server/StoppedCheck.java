package dev.sheaf.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.registry.DatabaseName;
import dev.sheaf.control.registry.DatabaseRegistry;
import dev.sheaf.control.server.CheckAnswer;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.objectstore.LocalObjectStore;
import dev.sheaf.pageserver.check.StoppedShards;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.InstantSource;

/**
 * Checks what a database has stored in a data folder that no server runs on, instead of serving it.
 * The folder is only read, and no server can start on it meanwhile.
 */
final class StoppedCheck {
  /** As an argument of the program, before the name of a database. */
  static final String COMMAND = "check";

  private static final long REGISTRY_MILLIS = 30_000;

  private StoppedCheck() {}

  /**
   * Writes the lines of {@link CheckAnswer}.
   *
   * @return whether all is sound
   * @throws StartFailure with the code to exit with: the folder cannot be read, or has a server
   * @throws IOException the lines cannot be written
   */
  static boolean run(SheafConfig config, String database, OutputStream out) throws IOException {
    if (config.roles().isPresent() || config.ephemeral()) {
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION,
          "configuration: a check needs the data folder of a server that stands alone, so neither"
              + " sheaf.roles nor sheaf.ephemeral");
    }
    var answer = new CheckAnswer(out, new ObjectMapper());
    try (DataFolder data = DataFolder.forReading(config.data());
        var coordination =
            EmbeddedCoordination.readOnly(data.coordination(), System::nanoTime, Runnable::run);
        var objects = LocalObjectStore.forReading(data.objects());
        var registry =
            new DatabaseRegistry(
                coordination,
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                config.maxDatabases(),
                Deadline.after(System.nanoTime(), REGISTRY_MILLIS))) {
      var inspections = new Inspections(registry, new StoppedShards(objects, System::nanoTime));
      return answer.check(inspections, inspections.ready(DatabaseName.ofDatabase(database)));
    } catch (SheafException e) {
      answer.refuse(e);
      return false;
    }
  }
}
