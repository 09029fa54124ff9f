package dev.sheaf.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/** The 22 queries with the standard's validation parameters. */
public final class TpchQueries {
  public static final int COUNT = 22;

  private TpchQueries() {}

  /**
   * The SQL text of query 1 to 22.
   *
   * @param scale the data's scale factor: the standard makes a limit of query 11 depend on it
   */
  public static String text(int number, double scale) {
    String name = String.format(java.util.Locale.ROOT, "/tpch/q%02d.sql", number);
    try (InputStream in = TpchQueries.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no query " + number);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.replace("${FRACTION}", fraction(scale));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fraction(double scale) {
    return BigDecimal.valueOf(0.0001)
        .divide(BigDecimal.valueOf(scale), 10, RoundingMode.HALF_UP)
        .toPlainString();
  }
}
