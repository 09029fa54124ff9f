package dev.sheaf.cli.aot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;

/**
 * The AOT cache of an application: a file beside its jar, named after the JVM that made it.
 *
 * <p>It is current if this JVM made it and no build has written the jar since; the launcher {@code
 * ./sheaf} judges by the same rule. The JVM has the last word: it compares every jar and flag, and
 * runs without a cache that does not fit.
 *
 * @param jar the application, as it is passed to {@code -jar}
 * @param file its cache, which need not exist
 */
public record AotCache(Path jar, Path file) {
  /** A cache that does not fit, or a class that cannot be kept, is nobody's business. */
  static final List<String> QUIET = List.of("-Xlog:aot*=off,cds*=off");

  private static final String SWITCH_OFF = "SHEAF_NO_AOT";

  /** The cache of an application for the JVM that runs this. */
  public static AotCache of(Path jar) {
    return new AotCache(jar, jar.resolveSibling("sheaf-" + Runtime.version() + ".aot"));
  }

  /** Whether the environment says that no cache is to be used or made in passing. */
  public static boolean isSwitchedOff() {
    return !System.getenv().getOrDefault(SWITCH_OFF, "").isEmpty();
  }

  /** Whether the cache exists and was made after the jar. */
  public boolean isCurrent() {
    try {
      FileTime made = Files.getLastModifiedTime(file);
      return made.compareTo(Files.getLastModifiedTime(jar)) > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The flags that make a JVM use the cache; none if there is none to use. */
  public List<String> flags() {
    return !isSwitchedOff() && isCurrent()
        ? List.of("-XX:AOTCache=" + file, QUIET.getFirst())
        : List.of();
  }
}
