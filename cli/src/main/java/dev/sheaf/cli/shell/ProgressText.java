package dev.sheaf.cli.shell;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row of SHOW STATEMENTS as a line for people. Pure.
 *
 * @param bytesTotal of the file that is read; null if there is none
 * @param fraction null if the whole is not known
 */
record ProgressText(
    double seconds,
    String state,
    long rows,
    @Nullable Long bytesRead,
    @Nullable Long bytesTotal,
    @Nullable Double fraction) {
  /** How much of a statement's text SHOW STATEMENTS shows. */
  private static final int SHOWN_CHARS = 200;

  /** Less read than this says nothing about how long the rest takes. */
  private static final double FORESEEABLE = 0.005;

  private static final int SECONDS_COLUMN = 2;
  private static final int STATE_COLUMN = 3;
  private static final int ROWS_COLUMN = 4;
  private static final int READ_COLUMN = 5;
  private static final int TOTAL_COLUMN = 6;
  private static final int FRACTION_COLUMN = 7;
  private static final int TEXT_COLUMN = 8;

  /**
   * The statement among those that run; of several with its text the one that began when it did.
   *
   * @param rows of SHOW STATEMENTS
   * @param seconds since it was sent
   */
  static Optional<ProgressText> find(List<@Nullable String[]> rows, String sql, double seconds) {
    ProgressText nearest = null;
    for (@Nullable String[] row : rows) {
      if (!beginning(sql).equals(beginning(cell(row, TEXT_COLUMN)))) {
        continue;
      }
      ProgressText found = of(row);
      if (nearest == null
          || Math.abs(found.seconds() - seconds) < Math.abs(nearest.seconds() - seconds)) {
        nearest = found;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** One less than the server may show, which does not cut characters in two. */
  private static String beginning(String sql) {
    return sql.substring(0, Math.min(sql.length(), SHOWN_CHARS - 1));
  }

  private static ProgressText of(@Nullable String[] row) {
    String read = row[READ_COLUMN];
    String total = row[TOTAL_COLUMN];
    String fraction = row[FRACTION_COLUMN];
    return new ProgressText(
        Double.parseDouble(cell(row, SECONDS_COLUMN)),
        cell(row, STATE_COLUMN),
        Long.parseLong(cell(row, ROWS_COLUMN)),
        read == null ? null : (Long) Long.parseLong(read),
        total == null ? null : (Long) Long.parseLong(total),
        fraction == null ? null : (Double) Double.parseDouble(fraction));
  }

  private static String cell(@Nullable String[] row, int column) {
    return String.valueOf(row[column]);
  }

  /** For example {@code 42 %, 1,200 rows, 1.5 of 3.6 MiB, 12 s, about 17 s left}. */
  String line() {
    var line = new StringBuilder();
    if (fraction != null) {
      line.append(String.format(Locale.ROOT, "%.0f %%, ", Math.floor(fraction * 100)));
    }
    if (rows > 0) {
      line.append(String.format(Locale.ROOT, "%,d %s, ", rows, rows == 1 ? "row" : "rows"));
    }
    if (bytesRead != null && bytesTotal != null) {
      line.append(bytes(bytesRead, bytesTotal)).append(", ");
    }
    switch (state) {
      case "waiting" -> line.append("waiting for its turn, ");
      case "finishing" -> line.append("storing, ");
      default -> {
        // That it runs needs no word.
      }
    }
    line.append(time(seconds));
    if (state.equals("running") && fraction != null && fraction > FORESEEABLE) {
      line.append(", about ").append(time(seconds * (1 - fraction) / fraction)).append(" left");
    }
    return line.toString();
  }

  private static String bytes(long read, long total) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    double scale = 1;
    while (unit < units.length - 1 && total / scale >= 1024) {
      scale *= 1024;
      unit++;
    }
    return String.format(
        Locale.ROOT,
        unit == 0 ? "%.0f of %.0f %s" : "%.1f of %.1f %s",
        read / scale,
        total / scale,
        units[unit]);
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
  }
}
