package dev.sheaf.log.breach;

/** Starts a thread inside the log's state machines. */
public final class ThreadStarter {
  public void start() {
    new Thread(() -> {}).start();
  }
}
