package dev.sheaf.rpc.cluster;

import java.util.Locale;

/** Whether a node takes on work. A node that is gone has no entry at all. */
public enum NodeState {
  UP,
  /** Gives away what it has and gets nothing new, until it is stopped. */
  DRAINING;

  /** Lower case: the form in values and messages. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static NodeState of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
