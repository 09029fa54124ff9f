package dev.sheaf.cli.cluster;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Finds out that a port of a node is taken before anything is started that would then fail. */
final class NodePorts {
  private NodePorts() {}

  static void checkFree(NodeSpec node) {
    for (String address : node.addresses()) {
      String kind = address.substring(0, address.indexOf(' '));
      String host = address.substring(kind.length() + 1, address.lastIndexOf(':'));
      int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
      try (var socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(host, port));
      } catch (IOException e) {
        throw new CliException(
            ExitCode.FAILED,
            "port %d, which %s needs (%s), is taken".formatted(port, node.name(), kind),
            "Does another server run (./sheaf up)? End it; or bring up a cluster in a folder of its"
                + " own (--data) on ports of its own (--flight-port, --http-port; 0 = any).");
      }
    }
  }
}
