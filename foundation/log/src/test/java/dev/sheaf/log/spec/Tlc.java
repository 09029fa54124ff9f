package dev.sheaf.log.spec;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The model checker in a process of its own: it keeps what it knows of a model in static fields.
 * One worker, breadth first, so the same model always gives the same answer.
 */
final class Tlc {
  private static final Pattern VIOLATED = Pattern.compile("Invariant (\\w+) is violated");
  private static final Pattern STATES =
      Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, (\\d+) states left");
  private static final Pattern PROGRESS = Pattern.compile("Progress.* ([\\d,]+) distinct states");
  private static final Path MODULES = Path.of("src", "spec").toAbsolutePath();

  private final Path folder;
  private final List<String> runtimeFlags;
  private final long minutes;

  /**
   * @param folder for configurations, outputs and what TLC needs meanwhile
   * @param runtimeFlags of the process
   * @param minutes after which a run is ended
   */
  Tlc(Path folder, List<String> runtimeFlags, long minutes) {
    this.folder = folder;
    this.runtimeFlags = runtimeFlags;
    this.minutes = minutes;
  }

  /**
   * @param violated invariant that does not hold; empty if all hold in all states that were seen
   * @param distinctStates seen, or a little fewer if not all were
   * @param complete whether all states were seen; otherwise there was no time for that
   * @param output file with all that TLC said, the counterexample included
   */
  record Outcome(Optional<String> violated, long distinctStates, boolean complete, Path output) {}

  /** Checks a model; an error of the module or of TLC is an {@link AssertionError}. */
  Outcome check(Model model) throws InterruptedException {
    try {
      Path own = Files.createDirectories(folder.resolve(model.name().replace(' ', '-')));
      Path configuration = own.resolve("model.cfg");
      Files.writeString(configuration, model.configuration());
      Path output = own.resolve("output.txt");
      Process process = start(model, own, configuration, output.toFile());
      try {
        boolean ended = process.waitFor(minutes, TimeUnit.MINUTES);
        String said = Files.readString(output);
        return ended ? outcome(model, output, said) : outOfTime(output, said);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process start(Model model, Path own, Path configuration, File output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(runtimeFlags);
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:+AutoCreateSharedArchive", // TLC's classes are loaded once for all runs
            "-XX:SharedArchiveFile=" + folder.resolve("tlc.jsa"),
            "-Xlog:disable",
            "-Djava.io.tmpdir=" + own, // the standard modules are unpacked there
            "-cp",
            jar().toString(),
            "tlc2.TLC",
            "-workers",
            "1",
            "-nowarning",
            "-cleanup",
            "-metadir",
            own.resolve("states").toString(),
            "-config",
            configuration.toString(),
            model.module()));
    return new ProcessBuilder(command)
        .directory(MODULES.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output)
        .start();
  }

  private static Path jar() {
    try {
      return Path.of(tlc2.TLC.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Outcome outcome(Model model, Path file, String output) {
    Optional<String> violated =
        VIOLATED.matcher(output).results().map(found -> found.group(1)).findFirst();
    Optional<MatchResult> states = STATES.matcher(output).results().reduce((a, b) -> b);
    boolean complete = output.contains("Model checking completed. No error has been found.");
    if (states.isEmpty() || (violated.isEmpty() && !complete)) {
      throw new AssertionError("TLC could not check " + model.name() + ":\n" + output);
    }
    return new Outcome(violated, Long.parseLong(states.get().group(2)), violated.isEmpty(), file);
  }

  /** What the last report, once a minute, says. */
  private static Outcome outOfTime(Path file, String output) {
    long seen =
        PROGRESS
            .matcher(output)
            .results()
            .map(found -> Long.parseLong(found.group(1).replace(",", "")))
            .reduce(0L, Math::max);
    return new Outcome(Optional.empty(), seen, false, file);
  }
}
