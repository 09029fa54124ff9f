package dev.sheaf.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server that one benchmark needs; ended with it, or with this JVM. */
final class ChildProcess implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 10;
  private static final long LOOK_MILLIS = 50;

  private final Process process;
  private final Path output;
  private final Thread killAtExit;

  private ChildProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
    this.killAtExit = new Thread(process::destroyForcibly, "kill-child");
    Runtime.getRuntime().addShutdownHook(killAtExit);
  }

  /**
   * @param output what it prints goes here
   */
  static ChildProcess start(List<String> command, Path output) throws IOException {
    return new ChildProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** The command line of a main class in a JVM like this one. */
  static List<String> java(List<String> jvmFlags, String classPath, List<String> mainAndArguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    command.add("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvmFlags);
    command.add("-cp");
    command.add(classPath);
    command.addAll(mainAndArguments);
    return command;
  }

  /** A port on loopback that was free a moment ago. */
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Until somebody listens. */
  void awaitPort(int port) throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() - giveUp > 0) {
          throw new IOException("it does not start, see " + output, e);
        }
        Thread.sleep(LOOK_MILLIS);
      }
    }
  }

  /** Until it has ended by itself, and well. */
  void awaitSuccess() throws IOException, InterruptedException {
    try {
      if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("it failed, see " + output);
      }
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(killAtExit);
  }
}
