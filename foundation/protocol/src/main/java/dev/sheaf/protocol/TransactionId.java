package dev.sheaf.protocol;

import java.util.UUID;

/** 128-bit id of a transaction, in its log records; a client may ask for the outcome by it. */
public record TransactionId(UUID value) {
  public static TransactionId parse(String text) {
    return new TransactionId(UUID.fromString(text));
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
