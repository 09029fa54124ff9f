package dev.sheaf.systemtests.slt;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code ./sheaf test slt}: runs files of sqllogictest. */
public final class SltMain {
  private static final int SHOWN_FAILURES = 5;
  private static final String USAGE =
      """
      Usage: ./sheaf test slt [--on sheaf|postgresql] [--write] [--any-error] [--failures N] PATH...

      Runs files of sqllogictest (.slt, .test), each in an empty database. Folders are walked.
        --on NAME      sheaf (the default, inside of this process) or postgresql (started for this)
        --write        put the results that come into the files
        --any-error    expected errors may have any text
        --failures N   show so many of each file, 5 if not said
      """;

  private enum On {
    SHEAF,
    POSTGRESQL
  }

  private record Options(On on, boolean write, boolean anyError, int failures, List<Path> paths) {}

  private SltMain() {}

  public static void main(String[] args) throws Exception {
    System.exit(run(List.of(args), System.out));
  }

  /** The exit code: 0 = nothing failed, 1 = something did, 2 = misuse. */
  static int run(List<String> args, PrintStream out) throws Exception {
    Options options = options(args);
    List<Path> files = options == null ? List.of() : files(options.paths());
    if (options == null || files.isEmpty()) {
      out.print(options == null || options.paths().isEmpty() ? USAGE : "no .slt or .test file\n");
      return 2;
    }
    if (options.on() == On.SHEAF) {
      return run(files, options, SheafEngine::new, out);
    }
    try (var server = new PostgresEngine.Server()) {
      return run(files, options, server::engine, out);
    }
  }

  private static Options options(List<String> args) {
    On on = On.SHEAF;
    boolean write = false;
    boolean anyError = false;
    int failures = SHOWN_FAILURES;
    List<Path> paths = new ArrayList<>();
    try {
      for (int i = 0; i < args.size(); i++) {
        switch (args.get(i)) {
          case "--on" -> on = On.valueOf(args.get(++i).toUpperCase(java.util.Locale.ROOT));
          case "--write" -> write = true;
          case "--any-error" -> anyError = true;
          case "--failures" -> failures = Integer.parseInt(args.get(++i));
          default -> {
            if (args.get(i).startsWith("-")) {
              return null;
            }
            paths.add(Path.of(args.get(i)));
          }
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return null;
    }
    return new Options(on, write, anyError, failures, paths);
  }

  static List<Path> files(List<Path> paths) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      try (Stream<Path> walked = Files.walk(path)) {
        walked
            .filter(Files::isRegularFile)
            .filter(p -> p.equals(path) || p.toString().matches(".*\\.(slt|test)"))
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }

  private interface Engines {
    Engine start() throws Exception;
  }

  private static int run(List<Path> files, Options options, Engines engines, PrintStream out)
      throws Exception {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (Path file : files) {
      List<String> lines = Files.readAllLines(file);
      List<SltRecord> records = SltParser.parse(lines);
      try (Engine engine = engines.start()) {
        var run = new SltRun(engine, options.anyError());
        run.run(records);
        if (options.write()) {
          Files.write(file, SltWriter.rewritten(lines, records, run.results()));
        }
        out.printf(
            "%s: %d passed, %d failed, %d skipped%n",
            file, run.passed(), run.failures().size(), run.skipped());
        run.failures().stream()
            .limit(options.failures())
            .forEach(f -> out.println("  " + file.getFileName() + " " + f));
        passed += run.passed();
        failed += run.failures().size();
        skipped += run.skipped();
      }
    }
    out.printf(
        "%d files: %d passed, %d failed, %d skipped%n", files.size(), passed, failed, skipped);
    return failed == 0 ? 0 : 1;
  }
}
