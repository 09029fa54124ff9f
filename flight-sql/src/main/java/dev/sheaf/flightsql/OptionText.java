package dev.sheaf.flightsql;

import org.apache.arrow.flight.SessionOptionValueVisitor;
import org.jspecify.annotations.Nullable;

/** A session option's value as SET would be given it; null = erase. */
final class OptionText implements SessionOptionValueVisitor<@Nullable String> {
  @Override
  public String visit(String value) {
    return value;
  }

  @Override
  public String visit(boolean value) {
    return Boolean.toString(value);
  }

  @Override
  public String visit(long value) {
    return Long.toString(value);
  }

  @Override
  public String visit(double value) {
    return Double.toString(value);
  }

  @Override
  public String visit(String[] value) {
    return String.join(", ", value);
  }

  @Override
  public @Nullable String visit(@Nullable Void nothing) {
    return null;
  }
}
