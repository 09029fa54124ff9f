package dev.sheaf.systemtests.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network before one node: a port of the same number on another loopback address, which passes
 * bytes on to the node, late, in one direction only, or not at all. Thread-safe.
 */
final class Wire implements AutoCloseable {
  /** What the other processes believe to be the host of every node. */
  static final String HOST = "127.0.0.2";

  private static final int BUFFER = 64 << 10;

  private final InetSocketAddress node;
  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile Weather weather = Weather.FAIR;
  private volatile long delayMillis;

  /** What becomes of bytes. */
  enum Weather {
    FAIR,
    /** What is sent to the node waits; what it answers arrives. */
    STALLS_TO_NODE,
    /** The node hears everything; what it answers waits. */
    STALLS_FROM_NODE,
    /** Connections break, and no new one comes about. */
    CUT
  }

  /**
   * @param port of the node, on 127.0.0.1
   */
  Wire(int port) {
    this.node = new InetSocketAddress("127.0.0.1", port);
    try {
      listening = new ServerSocket();
      listening.setReuseAddress(true);
      listening.bind(new InetSocketAddress(HOST, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  void set(Weather next) {
    weather = next;
    if (next == Weather.CUT) {
      breakAll();
    }
  }

  /** Each piece takes so long, in each direction; pieces keep their order. */
  void delay(long millis) {
    delayMillis = millis;
  }

  /** Resets every connection; new ones come about. */
  void breakAll() {
    sockets.forEach(Wire::reset);
    sockets.clear();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket peer = listening.accept();
        if (weather == Weather.CUT) {
          reset(peer);
        } else {
          connect(peer);
        }
      } catch (IOException e) {
        // Closed; whoever connects is refused from now on.
        return;
      }
    }
  }

  private void connect(Socket peer) {
    Socket own = new Socket();
    try {
      own.connect(node, 1_000);
      own.setTcpNoDelay(true);
      peer.setTcpNoDelay(true);
    } catch (IOException e) {
      reset(peer);
      return;
    }
    sockets.add(peer);
    sockets.add(own);
    Thread.ofVirtual().start(() -> pump(peer, own, Weather.STALLS_TO_NODE));
    Thread.ofVirtual().start(() -> pump(own, peer, Weather.STALLS_FROM_NODE));
  }

  private void pump(Socket from, Socket to, Weather stall) {
    var buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (delayMillis > 0) {
          Thread.sleep(delayMillis);
        }
        while (weather == stall && !to.isClosed()) {
          Thread.sleep(2);
        }
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      // One side has gone: the other hears of it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      reset(from);
      reset(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed.
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    breakAll();
  }
}
