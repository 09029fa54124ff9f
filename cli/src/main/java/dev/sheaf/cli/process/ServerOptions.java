package dev.sheaf.cli.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to start a server; null or empty leaves the server's own default.
 *
 * @param memory heap as the JVM takes it, for example 2g
 * @param settings further {@code name=value} settings, for example {@code sheaf.flush-size=16M}
 */
public record ServerOptions(
    @Nullable Path data,
    @Nullable Integer flightPort,
    @Nullable Integer httpPort,
    @Nullable Integer safekeepers,
    boolean ephemeral,
    @Nullable String memory,
    List<String> settings) {

  /** A throw-away server on ports that the system picks. */
  public static ServerOptions throwAway() {
    return new ServerOptions(null, 0, 0, null, true, null, List.of());
  }

  /** The server's JVM arguments, without the class path. */
  public List<String> jvmArguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    arguments.add("--sun-misc-unsafe-memory-access=allow");
    arguments.add("--enable-native-access=ALL-UNNAMED");
    arguments.add("-Darrow.enable_unsafe_memory_access=true");
    arguments.add("-Darrow.enable_null_check_for_get=false");
    arguments.add("-Xmx" + (memory == null ? "2g" : memory));
    property(arguments, "sheaf.data", data);
    property(arguments, "sheaf.flight.port", flightPort);
    property(arguments, "sheaf.http.port", httpPort);
    property(arguments, "sheaf.safekeepers", safekeepers);
    if (ephemeral) {
      property(arguments, "sheaf.ephemeral", true);
    }
    settings.forEach(setting -> arguments.add("-D" + setting));
    return arguments;
  }

  private static void property(List<String> arguments, String name, @Nullable Object value) {
    if (value != null) {
      arguments.add("-D" + name + "=" + value);
    }
  }
}
