package dev.sheaf.cli.demo;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The npm package vega-datasets, fetched once with the user's own npm into a cache folder and
 * checked against its pinned digest.
 */
final class VegaDatasets {
  private static final String PACKAGE = "vega-datasets@3.2.1";
  private static final String ARCHIVE = "vega-datasets-3.2.1.tgz";
  private static final String SHA512 =
      "lTSwZA6yq6qSU2YZm+6bqILiIvTPPxn4itir7jPGFmHIdPvUfQ9pCzzcrklYywMJgLUbaIeSkZQdiJd6wBxPug==";
  private static final long DOWNLOAD_MINUTES = 5;

  private VegaDatasets() {}

  /** The folder with the package's data files. */
  static Path folder(PrintStream out) {
    Path cache = cacheFolder();
    Path data = cache.resolve("package").resolve("data");
    Path complete = cache.resolve("complete");
    if (Files.exists(complete)) {
      return data;
    }
    out.println("Fetching " + PACKAGE + " with npm ...");
    try {
      Files.createDirectories(cache);
      run(cache, "npm", "pack", PACKAGE, "--silent");
      check(cache.resolve(ARCHIVE));
      run(cache, "tar", "xzf", ARCHIVE);
      Files.createFile(complete);
      return data;
    } catch (IOException e) {
      throw failed("cannot write to " + cache + ": " + e.getMessage());
    }
  }

  private static Path cacheFolder() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return base.resolve("sheaf").resolve("vega-datasets-3.2.1");
  }

  private static void run(Path folder, String... command) {
    try {
      Process process =
          new ProcessBuilder(List.of(command))
              .directory(folder.toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (!process.waitFor(DOWNLOAD_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw failed(command[0] + " did not end within " + DOWNLOAD_MINUTES + " minutes");
      }
      if (process.exitValue() != 0) {
        throw failed(String.join(" ", command) + " failed");
      }
    } catch (IOException e) {
      throw failed(command[0] + " is not installed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("interrupted");
    }
  }

  private static void check(Path archive) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
      if (!Base64.getEncoder().encodeToString(digest).equals(SHA512)) {
        Files.delete(archive);
        throw failed("the fetched " + ARCHIVE + " is not the expected one");
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CliException failed(String what) {
    return new CliException(
        ExitCode.FAILED,
        "the flights data cannot be had: " + what,
        "Install npm and tar, or run ./sheaf demo tpch, which needs neither.");
  }
}
