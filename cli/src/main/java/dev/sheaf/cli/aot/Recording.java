package dev.sheaf.cli.aot;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One making of an {@link AotCache}.
 *
 * <pre>
 * run with recordFlags() ... exit -> x.aot.recorded -> assemble() -> x.aot.new -> publish() -> x.aot
 * </pre>
 *
 * <p>Other processes see the old cache or the whole new one. Not thread-safe.
 */
public final class Recording implements AutoCloseable {
  private static final long ASSEMBLY_SECONDS = 600;

  private final AotCache cache;
  private final Path recorded;
  private final Path assembled;
  private final FileTime jarTime;

  /**
   * @throws IOException if the jar cannot be read
   */
  public Recording(AotCache cache) throws IOException {
    this.cache = cache;
    this.recorded = cache.file().resolveSibling(cache.file().getFileName() + ".recorded");
    this.assembled = cache.file().resolveSibling(cache.file().getFileName() + ".new");
    this.jarTime = Files.getLastModifiedTime(cache.jar());
  }

  /** The flags of the run that shows the JVM what to keep; it writes that down when it ends. */
  public List<String> recordFlags() {
    return List.of(
        "-XX:AOTMode=record", "-XX:AOTConfiguration=" + recorded, AotCache.QUIET.getFirst());
  }

  /**
   * Makes the cache out of what was recorded, in a JVM that does not run the application.
   *
   * @param flags of the recorded run, but for {@link #recordFlags}: the JVM insists that the cache
   *     is made and used with the same ones
   */
  public void assemble(List<String> flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-XX:AOTMode=create");
    command.add("-XX:AOTConfiguration=" + recorded);
    command.add("-XX:AOTCache=" + assembled);
    command.addAll(AotCache.QUIET);
    command.add("-jar");
    command.add(cache.jar().toString());
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(ASSEMBLY_SECONDS, TimeUnit.SECONDS)) {
        throw failed("the JVM did not make it within " + ASSEMBLY_SECONDS + " seconds");
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0 || !Files.exists(assembled)) {
      throw failed("the JVM ended with " + process.exitValue());
    }
  }

  /** Puts the new cache in place, unless a build has replaced the application meanwhile. */
  public void publish() throws IOException {
    if (!Files.getLastModifiedTime(cache.jar()).equals(jarTime)) {
      throw failed(cache.jar() + " was built again meanwhile");
    }
    Files.move(assembled, cache.file(), StandardCopyOption.ATOMIC_MOVE);
  }

  private CliException failed(String why) {
    return new CliException(
        ExitCode.FAILED, "no AOT cache was made for " + cache.jar() + ": " + why, null);
  }

  /** Deletes what the making left behind. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(recorded);
    Files.deleteIfExists(assembled);
  }
}
