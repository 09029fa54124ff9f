package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.rpc.grpc.ClusterTransport;
import dev.sheaf.rpc.log.grpc.RemoteSafekeeper;
import dev.sheaf.rpc.log.grpc.SafekeeperEndpoint;
import dev.sheaf.safekeeper.journal.DiskStorage;
import dev.sheaf.safekeeper.journal.Journal;
import dev.sheaf.safekeeper.journal.JournalSettings;
import dev.sheaf.safekeeper.serve.Safekeeper;
import dev.sheaf.testkit.tls.TestCertificates;
import dev.sheaf.testkit.tls.TestCertificates.Issued;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With certificates only processes of the cluster reach a safekeeper. */
final class ClusterSecurityTest {
  private static final long JOURNAL = 42;

  @TempDir Path folder;

  private static ClusterSecurity security(TestCertificates authority, Issued issued) {
    SheafConfig config =
        Settings.of(
            Map.of(
                "sheaf.rpc.tls-certificate", issued.certificate().toString(),
                "sheaf.rpc.tls-key", issued.key().toString(),
                "sheaf.rpc.tls-authority", authority.authority().toString()));
    return ClusterSecurity.of(config.rpc());
  }

  @Test
  void letsInWhoeverShowsACertificateOfTheAuthority() throws Exception {
    var ours = TestCertificates.in(Files.createDirectory(folder.resolve("ours")));
    var theirs = TestCertificates.in(Files.createDirectory(folder.resolve("theirs")));
    ClusterSecurity here = security(ours, ours.issue("here"));
    ClusterSecurity there = security(ours, ours.issue("there"));
    ClusterSecurity stranger = security(theirs, theirs.issue("stranger"));
    try (var disk = new DiskStorage(Files.createDirectory(folder.resolve("journal")));
        var safekeeper =
            new Safekeeper(
                Journal.open(
                    disk,
                    JournalSettings.DEFAULT,
                    new NodeId("sk"),
                    JOURNAL,
                    Thread::new,
                    cause -> {}),
                Runnable::run)) {
      Server server =
          here.secure(ClusterTransport.server(new InetSocketAddress("127.0.0.1", 0), Runnable::run))
              .addService(new SafekeeperEndpoint(safekeeper, System::nanoTime))
              .build()
              .start();
      try {
        assertThat(ask(server.getPort(), there::secure)).isEqualTo(JOURNAL);
        assertThatThrownBy(() -> ask(server.getPort(), NettyChannelBuilder::usePlaintext))
            .hasMessageContaining("cannot be reached");
        assertThatThrownBy(() -> ask(server.getPort(), stranger::secure))
            .hasMessageContaining("cannot be reached");
        var withoutCertificate =
            GrpcSslContexts.forClient().trustManager(ours.authority().toFile()).build();
        assertThatThrownBy(
                () -> ask(server.getPort(), channel -> channel.sslContext(withoutCertificate)))
            .hasMessageContaining("cannot be reached");
      } finally {
        server.shutdownNow();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void aFileThatIsNoCertificateIsNamed() throws Exception {
    var ours = TestCertificates.in(folder);
    Issued issued = ours.issue("here");
    var swapped = new Issued(issued.key(), issued.certificate());

    assertThatThrownBy(() -> security(ours, swapped))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("sheaf.rpc.tls-");
  }

  private static long ask(int port, UnaryOperator<NettyChannelBuilder> security) throws Exception {
    ManagedChannel channel = security.apply(ClusterTransport.channel("127.0.0.1", port)).build();
    try {
      return new RemoteSafekeeper(channel, System::nanoTime)
          .incarnation(Deadline.after(System.nanoTime(), 10_000))
          .get(15, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().toString(), e);
    } finally {
      channel.shutdownNow();
    }
  }
}
