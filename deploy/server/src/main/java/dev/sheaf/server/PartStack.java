package dev.sheaf.server;

import java.util.ArrayDeque;
import java.util.Deque;

/** The parts of this process that have started; stops them the other way round. Thread-safe. */
final class PartStack implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PartStack.class.getName());

  /** In the order in which they must stop. */
  private final Deque<Part> parts = new ArrayDeque<>();

  private record Part(String name, AutoCloseable role) {}

  <T extends AutoCloseable> T started(String name, T role) {
    synchronized (parts) {
      parts.push(new Part(name, role));
    }
    LOG.log(System.Logger.Level.INFO, "started: {0}", name);
    return role;
  }

  /** Stops everything, whatever fails on the way. Idempotent. */
  @Override
  public void close() {
    while (true) {
      Part part;
      synchronized (parts) {
        part = parts.poll();
      }
      if (part == null) {
        return;
      }
      try {
        part.role().close();
        LOG.log(System.Logger.Level.INFO, "stopped: {0}", part.name());
      } catch (Exception e) {
        LOG.log(System.Logger.Level.ERROR, "cannot stop cleanly: " + part.name(), e);
      }
    }
  }
}
