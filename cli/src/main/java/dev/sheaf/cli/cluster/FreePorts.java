package dev.sheaf.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Picks ports that nobody listens on, none twice. */
final class FreePorts {
  private final Set<Integer> given = new HashSet<>();

  /**
   * @param wanted 0 = any free one
   */
  int take(int wanted) {
    if (wanted != 0) {
      given.add(wanted);
      return wanted;
    }
    while (true) {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (given.add(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("no free port", e);
      }
    }
  }
}
