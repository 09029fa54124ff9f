package dev.sheaf.server;

import org.eclipse.microprofile.config.spi.Converter;

/** {@code true} or {@code false}; the usual converter takes a misspelt true for false. */
public final class StrictBoolean implements Converter<Boolean> {
  private static final long serialVersionUID = 1L;

  @Override
  public Boolean convert(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    };
  }
}
