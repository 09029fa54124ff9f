package dev.sheaf.locals3;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the command line says.
 *
 * @param port 0 = any free one
 * @param data folder of the objects, created if absent
 * @param bucket created if absent
 */
record LocalS3Options(int port, Path data, String bucket, String accessKey, String secretKey) {
  static final String USAGE =
      """
      usage: java -cp 'target/*:target/lib/*' dev.sheaf.locals3.LocalS3 --data DIR --access-key KEY --secret-key SECRET
                  [--port N] [--bucket NAME]
      """;

  private static final String DEFAULT_BUCKET = "sheaf";
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Set<String> NAMES =
      Set.of("--port", "--data", "--bucket", "--access-key", "--secret-key");

  /** IllegalArgumentException with a sentence for the user when they are wrong. */
  static LocalS3Options parse(String... arguments) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < arguments.length; i += 2) {
      if (!NAMES.contains(arguments[i])) {
        throw new IllegalArgumentException("there is no option '" + arguments[i] + "'");
      }
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException("option " + arguments[i] + " has no value");
      }
      values.put(arguments[i], arguments[i + 1]);
    }
    return new LocalS3Options(
        port(values.getOrDefault("--port", "0")),
        path(required(values, "--data")),
        bucket(values.getOrDefault("--bucket", DEFAULT_BUCKET)),
        required(values, "--access-key"),
        required(values, "--secret-key"));
  }

  private static String required(Map<String, String> values, String name) {
    String value = values.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalArgumentException("option " + name + " is missing");
    }
    return value;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("'" + text + "' is not a port");
  }

  private static Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + text + "' is not a folder: " + e.getMessage(), e);
    }
  }

  private static String bucket(String text) {
    if (!BUCKET.matcher(text).matches()) {
      throw new IllegalArgumentException("'" + text + "' is not the name of a bucket");
    }
    return text;
  }
}
