package dev.sheaf.cli.demo;

import java.io.PrintStream;
import java.util.Locale;

/** One line per table: a bar that is redrawn on a terminal, or a single closing line elsewhere. */
final class ProgressBar {
  private static final int WIDTH = 28;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintStream out;
  private final boolean live;
  private final String name;
  private final long total;
  private final long start = System.nanoTime();
  private long lastDraw;

  ProgressBar(PrintStream out, String name, long total) {
    this.out = out;
    this.live = System.console() != null && System.console().isTerminal();
    this.name = name;
    this.total = total;
  }

  void at(long rows) {
    long now = System.nanoTime();
    if (live && now - lastDraw > REDRAW_NANOS) {
      lastDraw = now;
      out.print("\r" + line(Math.min(rows, total), now));
      out.flush();
    }
  }

  void done(long rows) {
    out.println((live ? "\r" : "") + line(rows, System.nanoTime()));
  }

  private String line(long rows, long now) {
    int filled = total == 0 ? WIDTH : (int) Math.min(WIDTH, rows * WIDTH / Math.max(1, total));
    double seconds = Math.max(1e-9, (now - start) / 1e9);
    return String.format(
        Locale.ROOT,
        "  %-10s [%s%s] %,12d rows %,12.0f rows/s",
        name,
        "#".repeat(filled),
        " ".repeat(WIDTH - filled),
        rows,
        rows / seconds);
  }
}
