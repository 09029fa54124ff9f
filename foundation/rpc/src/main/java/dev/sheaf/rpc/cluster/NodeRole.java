package dev.sheaf.rpc.cluster;

import java.util.Locale;

/** What a process does. One process may have several roles. */
public enum NodeRole {
  CONTROL,
  PAGESERVER,
  SAFEKEEPER,
  COMPUTE;

  /** Lower case: the form in settings, values and messages. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws IllegalArgumentException if there is no such role
   */
  public static NodeRole of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
