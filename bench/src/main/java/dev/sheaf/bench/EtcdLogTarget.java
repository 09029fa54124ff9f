package dev.sheaf.bench;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three members of etcd on loopback, each with a folder of its own; an append is a put. */
final class EtcdLogTarget implements LogTarget {
  private static final int PEER_PORT = 12380;
  private static final int CLIENT_PORT = 12370;
  private static final int MEMBERS = 3;
  private static final int START_SECONDS = 30;

  private final List<Process> processes = new ArrayList<>();
  private final Client client;
  private final KV puts;
  private final ByteSequence key = ByteSequence.from("bench", StandardCharsets.US_ASCII);

  /** Whether there is an etcd on this machine. */
  static boolean isThere() {
    try {
      return new ProcessBuilder("etcd", "--version")
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(10, TimeUnit.SECONDS);
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  EtcdLogTarget(Path folder) throws Exception {
    String cluster =
        IntStream.range(0, MEMBERS)
            .mapToObj(i -> "e" + i + "=" + url(PEER_PORT + i))
            .collect(Collectors.joining(","));
    for (int i = 0; i < MEMBERS; i++) {
      processes.add(
          new ProcessBuilder(
                  "etcd",
                  "--name=e" + i,
                  "--data-dir=" + folder.resolve("etcd-" + i),
                  "--listen-peer-urls=" + url(PEER_PORT + i),
                  "--initial-advertise-peer-urls=" + url(PEER_PORT + i),
                  "--listen-client-urls=" + url(CLIENT_PORT + i),
                  "--advertise-client-urls=" + url(CLIENT_PORT + i),
                  "--initial-cluster=" + cluster)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start());
    }
    client =
        Client.builder()
            .endpoints(
                IntStream.range(0, MEMBERS)
                    .mapToObj(i -> url(CLIENT_PORT + i))
                    .toArray(String[]::new))
            .build();
    puts = client.getKVClient();
    awaitFirstPut();
  }

  private void awaitFirstPut() throws Exception {
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (true) {
      try {
        puts.put(key, key).get(1, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException | TimeoutException e) {
        if (System.nanoTime() > giveUp) {
          throw new IllegalStateException("etcd does not start", e);
        }
      }
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public CompletableFuture<?> append(byte[] entry) {
    return puts.put(key, ByteSequence.from(entry));
  }

  @Override
  public void close() throws Exception {
    client.close();
    for (Process process : processes) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }
}
