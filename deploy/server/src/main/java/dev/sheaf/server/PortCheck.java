package dev.sheaf.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Finds out early that a port cannot be had, while nothing has been started yet. */
final class PortCheck {
  private PortCheck() {}

  /**
   * @param setting prefix of the settings that name host and port
   * @throws StartFailure {@link ExitCode#PORT_IN_USE}
   */
  static void checkFree(String setting, String host, int port) {
    var address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION, "configuration: " + setting + ".host is unknown: " + host);
    }
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
    } catch (IOException e) {
      throw taken(setting, host, port, e);
    }
  }

  static StartFailure taken(String setting, String host, int port, Exception cause) {
    return new StartFailure(
        ExitCode.PORT_IN_USE,
        "cannot listen on %s:%d (%s): set %s.port to another port, or to 0 for any free one"
            .formatted(host, port, rootOf(cause).getMessage(), setting),
        cause);
  }

  private static Throwable rootOf(Throwable error) {
    Throwable cause = error.getCause();
    return cause == null || cause == error ? error : rootOf(cause);
  }
}
