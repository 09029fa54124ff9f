package dev.sheaf.testkit.sim;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Writes what simulated machines log into the trace; silent elsewhere. */
final class TraceLogger implements System.Logger {
  private final String name;

  TraceLogger(String name) {
    this.name = name.substring(name.lastIndexOf('.') + 1);
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public boolean isLoggable(Level level) {
    return SimThread.current() != null && level.getSeverity() >= Level.INFO.getSeverity();
  }

  @Override
  public void log(
      Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
    SimThread thread = SimThread.current();
    if (thread != null && isLoggable(level)) {
      String text = thrown == null ? message : message + " (" + thrown + ")";
      thread.simulation().note(thread.machine().name(), name + ": " + text);
    }
  }

  @Override
  public void log(
      Level level, @Nullable ResourceBundle bundle, String format, Object @Nullable ... params) {
    if (isLoggable(level)) {
      String text =
          params == null || params.length == 0
              ? format
              : new MessageFormat(format, Locale.ROOT).format(params);
      log(level, bundle, text, (Throwable) null);
    }
  }
}
