package dev.sheaf.bench;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Apache BookKeeper: three bookies and their ZooKeeper as processes on loopback, the journal synced
 * and without a pause for grouping, the client without its throttle. Its libraries stay apart from
 * ours, in the processes and here.
 */
final class BookKeeperLogTarget implements LogTarget {
  private static final int BOOKIES = 3;
  private static final String WRITER = "dev.sheaf.bench.bookkeeper.LedgerWriter";

  private final Path folder;
  private final Path libraries;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Function<byte[], CompletableFuture<?>> writer;

  /**
   * @param build what the build of {@code bench/peers/bookkeeper} made
   */
  BookKeeperLogTarget(Path build, Path folder) throws Exception {
    this.folder = Files.createDirectories(folder.resolve("bookkeeper"));
    this.libraries = build;
    try {
      int zooKeeper = startZooKeeper();
      var configurations = new ArrayList<Path>();
      var ports = new ArrayList<Integer>();
      for (int number = 1; number <= BOOKIES; number++) {
        ports.add(ChildProcess.freePort());
        configurations.add(configuration(number, ports.getLast(), zooKeeper));
      }
      run(
              "format",
              "org.apache.bookkeeper.bookie.BookieShell",
              "-conf",
              configurations.getFirst().toString(),
              "initnewcluster")
          .awaitSuccess();
      for (int i = 0; i < BOOKIES; i++) {
        var bookie =
            run(
                "bookie-" + (i + 1),
                "org.apache.bookkeeper.server.Main",
                "--conf",
                configurations.get(i).toString());
        parts.push(bookie);
        bookie.awaitPort(ports.get(i));
      }
      writer = connect(zooKeeper);
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  /** Whether it was built. */
  static boolean isThere(Path build) {
    return Files.isDirectory(build.resolve("lib"));
  }

  private ChildProcess run(String name, String... mainAndArguments) throws IOException {
    String classPath =
        libraries.resolve("lib") + File.separator + "*" + File.pathSeparator + folder;
    return ChildProcess.start(
        ChildProcess.java(
            List.of(
                "-Xmx1g",
                "-Djava.net.preferIPv4Stack=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
            classPath,
            List.of(mainAndArguments)),
        folder.resolve(name + ".out"));
  }

  private int startZooKeeper() throws IOException, InterruptedException {
    int port = ChildProcess.freePort();
    Path configuration = folder.resolve("zoo.cfg");
    Files.writeString(
        configuration,
        """
        tickTime=2000
        dataDir=%s
        clientPortAddress=127.0.0.1
        clientPort=%d
        admin.enableServer=false
        """
            .formatted(folder.resolve("zookeeper"), port));
    var process =
        run(
            "zookeeper",
            "org.apache.zookeeper.server.ZooKeeperServerMain",
            configuration.toString());
    parts.push(process);
    process.awaitPort(port);
    return port;
  }

  private Path configuration(int number, int port, int zooKeeper) throws IOException {
    Path data = folder.resolve("bookie-" + number);
    return Files.writeString(
        folder.resolve("bookie-" + number + ".conf"),
        """
        metadataServiceUri=zk+hierarchical://127.0.0.1:%d/ledgers
        bookiePort=%d
        listeningInterface=lo
        allowLoopback=true
        advertisedAddress=127.0.0.1
        journalDirectories=%s
        ledgerDirectories=%s
        journalSyncData=true
        journalMaxGroupWaitMSec=0
        httpServerEnabled=false
        """
            .formatted(zooKeeper, port, data.resolve("journal"), data.resolve("ledgers")));
  }

  /** A client in a class loader of its own. */
  @SuppressWarnings("unchecked") // LedgerWriter is just that
  private Function<byte[], CompletableFuture<?>> connect(int zooKeeper) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    var path = new ArrayList<URL>();
    path.add(libraries.resolve("classes").toUri().toURL());
    try (Stream<Path> jars = Files.list(libraries.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        path.add(jar.toUri().toURL());
      }
    }
    // Never closed: the client's threads outlive its close by a moment, and load classes still.
    var loader = new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    Thread thread = Thread.currentThread();
    ClassLoader ours = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      Object connected = loader.loadClass(WRITER).getConstructor(int.class).newInstance(zooKeeper);
      parts.push((AutoCloseable) connected);
      return (Function<byte[], CompletableFuture<?>>) connected;
    } finally {
      thread.setContextClassLoader(ours);
    }
  }

  @Override
  public String name() {
    return "BookKeeper";
  }

  @Override
  public CompletableFuture<?> append(byte[] entry) {
    return writer.apply(entry);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
  }
}
