package dev.sheaf.safekeeper.journal;

import java.io.IOException;

/** The disk has no room for a new file. Nothing was created, nothing that exists has changed. */
public final class NoRoomException extends IOException {
  public NoRoomException(String message) {
    super(message);
  }

  public NoRoomException(String message, Throwable cause) {
    super(message, cause);
  }
}
