package dev.sheaf.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The 22 queries with the standard's validation parameters. */
public final class TpchQueries {
  public static final int COUNT = 22;

  private TpchQueries() {}

  /** The SQL text of query 1 to 22. */
  public static String text(int number) {
    String name = String.format(java.util.Locale.ROOT, "/tpch/q%02d.sql", number);
    try (InputStream in = TpchQueries.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no query " + number);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
