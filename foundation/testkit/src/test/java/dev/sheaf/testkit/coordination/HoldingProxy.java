package dev.sheaf.testkit.coordination;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP connection's worst days: passes bytes on, holds those of one direction back, or has cut all
 * connections (what was held is lost) and takes no new ones. Thread-safe.
 */
final class HoldingProxy implements AutoCloseable {
  enum Mode {
    OPEN,
    HOLD_REQUESTS,
    HOLD_ANSWERS,
    CUT
  }

  private final URI target;
  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile Mode mode = Mode.OPEN;

  HoldingProxy(URI target) {
    this.target = target;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  void set(Mode newMode) {
    mode = newMode;
    if (newMode == Mode.CUT) {
      sockets.forEach(HoldingProxy::end);
      sockets.clear();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        if (mode == Mode.CUT) {
          end(client);
          continue;
        }
        var server = new Socket(target.getHost(), target.getPort());
        sockets.add(client);
        sockets.add(server);
        Thread.startVirtualThread(() -> pump(client, server, Mode.HOLD_REQUESTS));
        Thread.startVirtualThread(() -> pump(server, client, Mode.HOLD_ANSWERS));
      }
    } catch (IOException e) {
      // Closed, or the target is gone: whoever connects is refused from now on.
      end(listening);
    }
  }

  private void pump(Socket from, Socket to, Mode holding) {
    var buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        while (mode == holding && !to.isClosed()) {
          Thread.sleep(2);
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException | InterruptedException e) {
      // One side is gone; the other must know.
    }
    end(from);
    end(to);
  }

  private static void end(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // It is of no use any more either way.
    }
  }

  @Override
  public void close() {
    end(listening);
    set(Mode.CUT);
  }
}
