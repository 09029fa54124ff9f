package dev.sheaf.cli.cluster;

import dev.sheaf.cli.aot.AotCache;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.ServerProcess;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The command lines of the programs that a cluster runs. */
final class Programs {
  /** Of the stand-in for S3 alone, which only this machine reaches. */
  static final String LOCAL_S3_KEY = "sheaf-local";

  static final String LOCAL_S3_SECRET = "sheaf-local-secret";

  List<String> server(ServerOptions options) {
    return ServerProcess.command(options, AotCache.of(ServerProcess.serverJar()).flags()).command();
  }

  List<String> etcd(String name, Path data, String client, String peer, String members) {
    return List.of(
        etcdProgram(),
        "--name=" + name,
        "--data-dir=" + data,
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=" + members,
        "--initial-cluster-token=sheaf",
        "--auto-compaction-retention=1h");
  }

  private static String etcdProgram() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder, "etcd");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw new CliException(
        ExitCode.USAGE,
        "there is no etcd on the PATH",
        "Debian, Ubuntu: apt-get install etcd-server; macOS: brew install etcd;"
            + " or name one that runs elsewhere: --etcd http://HOST:2379");
  }

  List<String> s3(Path data, int port) {
    String home = System.getProperty("sheaf.home", System.getenv().getOrDefault("SHEAF_HOME", "."));
    Path target = Path.of(home, "deploy/local-s3/target").toAbsolutePath().normalize();
    Path libraries = target.resolve("lib");
    if (!Files.isDirectory(libraries)) {
      throw new CliException(
          ExitCode.USAGE,
          "the local S3 server is not built: " + libraries,
          "Run it through ./sheaf, which builds.");
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-cp",
        target.resolve("classes") + File.pathSeparator + libraries + File.separator + "*",
        "dev.sheaf.locals3.LocalS3",
        "--port",
        Integer.toString(port),
        "--data",
        data.toString(),
        "--access-key",
        LOCAL_S3_KEY,
        "--secret-key",
        LOCAL_S3_SECRET);
  }
}
