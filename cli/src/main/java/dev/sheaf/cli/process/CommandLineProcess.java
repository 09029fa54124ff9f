package dev.sheaf.cli.process;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The command line as a child process of this one, with the flags that this one was started with.
 */
public final class CommandLineProcess {
  /** Of no use to a child, or in its way: our own cache and logging of it, debuggers, agents. */
  private static final List<String> OURS_ALONE =
      List.of("-XX:AOT", "-Xlog", "-agentlib", "-agentpath", "-javaagent");

  private CommandLineProcess() {}

  /** Whether this process runs from the packaged command line. */
  public static boolean isPackaged() {
    return origin().filter(Files::isRegularFile).isPresent();
  }

  /**
   * The packaged command line.
   *
   * @throws CliException if this process runs from anything else
   */
  public static Path jar() {
    return origin()
        .filter(Files::isRegularFile)
        .orElseThrow(() ->
            new CliException(
                ExitCode.USAGE, "the command line is not packaged", "Run it through ./sheaf."));
  }

  private static Optional<Path> origin() {
    CodeSource source = CommandLineProcess.class.getProtectionDomain().getCodeSource();
    try {
      return source == null ? Optional.empty() : Optional.of(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The JVM flags of this process that a child takes over. */
  public static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> OURS_ALONE.stream().noneMatch(flag::startsWith))
        .toList();
  }

  /**
   * How the command line is started.
   *
   * @param jvmFlags beside {@link #flags}
   */
  public static List<String> command(List<String> jvmFlags, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(flags());
    command.add("-jar");
    command.add(jar().toString());
    Stream.of(arguments).forEach(command::add);
    return command;
  }
}
