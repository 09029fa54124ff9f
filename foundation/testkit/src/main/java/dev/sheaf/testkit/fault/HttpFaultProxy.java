package dev.sheaf.testkit.fault;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * An HTTP/1.1 proxy on a free port of loopback, in front of one server. A plan decides on each
 * request; without one it passes everything on. One connection to the server for each of a client,
 * so requests of one connection keep their order. The Host header is passed on as it is, so signed
 * requests stay valid.
 */
public final class HttpFaultProxy implements AutoCloseable {
  private static final int SERVER_TIMEOUT_MILLIS = 30_000;

  private final InetSocketAddress target;
  private final ServerSocket listening;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<HttpMessage> seen = Collections.synchronizedList(new ArrayList<>());
  private volatile Function<HttpMessage, Fault> plan = request -> new Fault.None();

  private HttpFaultProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  /** Begins to listen. */
  public static HttpFaultProxy before(InetSocketAddress target) {
    try {
      return new HttpFaultProxy(target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients connect. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + listening.getLocalPort());
  }

  /** From now on, what happens to each request. Called by several threads. */
  public void plan(Function<HttpMessage, Fault> newPlan) {
    plan = newPlan;
  }

  /** From now on, what happens to the next requests; all after them pass. */
  public void next(Fault... faults) {
    var left = new ArrayList<>(List.of(faults));
    plan(request -> {
      synchronized (left) {
        return left.isEmpty() ? new Fault.None() : left.removeFirst();
      }
    });
  }

  /** All requests since the start or the last call, in the order in which they came. */
  public List<HttpMessage> takeSeen() {
    synchronized (seen) {
      var taken = List.copyOf(seen);
      seen.clear();
      return taken;
    }
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        var server = new Socket()) {
      open.add(server);
      server.connect(target, SERVER_TIMEOUT_MILLIS);
      server.setSoTimeout(SERVER_TIMEOUT_MILLIS);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      var fromClient = new BufferedInputStream(client.getInputStream());
      var fromServer = new BufferedInputStream(server.getInputStream());
      Optional<HttpMessage> request = HttpMessage.request(fromClient);
      while (request.isPresent()) {
        seen.add(request.get());
        Fault fault = plan.apply(request.get());
        if (!exchange(request.get(), fault, fromServer, server.getOutputStream(), client)) {
          return;
        }
        request = HttpMessage.request(fromClient);
      }
    } catch (IOException | InterruptedException e) {
      // one of the two has gone, which is what this class is for; the other one is closed too
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  /** Returns whether the connection goes on. */
  private boolean exchange(
      HttpMessage request,
      Fault fault,
      BufferedInputStream fromServer,
      OutputStream toServer,
      Socket client)
      throws IOException, InterruptedException {
    OutputStream toClient = client.getOutputStream();
    return switch (fault) {
      case Fault.None() -> {
        HttpMessage answer = carryOut(request, fromServer, toServer);
        send(toClient, answer, answer.body().length);
        yield !answer.header("connection").orElse("").equalsIgnoreCase("close");
      }
      case Fault.Delay(var time, var then) -> {
        Thread.sleep(time);
        yield exchange(request, then, fromServer, toServer, client);
      }
      case Fault.Answer answer -> {
        send(toClient, request, answer);
        yield true;
      }
      case Fault.DropRequest() -> false;
      case Fault.DropAnswer() -> {
        carryOut(request, fromServer, toServer);
        yield false;
      }
      case Fault.ReplaceAnswer(var answer) -> {
        carryOut(request, fromServer, toServer);
        send(toClient, request, answer);
        yield true;
      }
      case Fault.CutAnswer(int bodyBytes) -> {
        send(toClient, carryOut(request, fromServer, toServer), bodyBytes);
        yield false;
      }
      case Fault.CutSilently(int bodyBytes) -> {
        HttpMessage answer = carryOut(request, fromServer, toServer);
        send(toClient, answer.without("content-length").with("Connection: close"), bodyBytes);
        yield false;
      }
      case Fault.FlipBit(int bodyByte) -> {
        HttpMessage answer = carryOut(request, fromServer, toServer);
        byte[] body = answer.body().clone();
        body[bodyByte] ^= 1;
        send(toClient, answer.withBody(body), body.length);
        yield true;
      }
    };
  }

  private static HttpMessage carryOut(
      HttpMessage request, BufferedInputStream fromServer, OutputStream toServer)
      throws IOException {
    send(toServer, request, request.body().length);
    return HttpMessage.answer(fromServer, request.method());
  }

  private static void send(OutputStream out, HttpMessage message, int bodyBytes)
      throws IOException {
    out.write(message.head());
    out.write(message.body(), 0, Math.min(bodyBytes, message.body().length));
    out.flush();
  }

  private static void send(OutputStream out, HttpMessage request, Fault.Answer answer)
      throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    var headers = new ArrayList<String>();
    answer.headers().forEach((name, value) -> headers.add(name + ": " + value));
    headers.add("Content-Length: " + body.length);
    send(
        out,
        new HttpMessage("HTTP/1.1 " + answer.status() + " Injected", headers, body),
        request.method().equals("HEAD") ? 0 : body.length);
  }

  /** Stops listening and ends all connections. */
  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
      threads.shutdownNow();
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
