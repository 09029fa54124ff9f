package dev.sheaf.server;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How the processes of a cluster know one another: by certificates of one authority, which both
 * ends of a connection show, or not at all. A certificate must name the host by which others
 * connect to its process. Immutable.
 */
final class ClusterSecurity {
  private static final ClusterSecurity NONE = new ClusterSecurity(null, null);

  private final @Nullable SslContext incoming;
  private final @Nullable SslContext outgoing;

  private ClusterSecurity(@Nullable SslContext incoming, @Nullable SslContext outgoing) {
    this.incoming = incoming;
    this.outgoing = outgoing;
  }

  /**
   * @throws StartFailure if a file is not what it should be
   */
  static ClusterSecurity of(SheafConfig.Rpc config) {
    Optional<Path> authority = config.tlsAuthority();
    if (authority.isEmpty()) {
      return NONE;
    }
    File trusted = authority.get().toFile();
    File certificate = config.tlsCertificate().orElseThrow().toFile();
    File key = config.tlsKey().orElseThrow().toFile();
    try {
      return new ClusterSecurity(
          GrpcSslContexts.forServer(certificate, key)
              .trustManager(trusted)
              .clientAuth(ClientAuth.REQUIRE)
              .build(),
          GrpcSslContexts.forClient().keyManager(certificate, key).trustManager(trusted).build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION,
          "configuration: sheaf.rpc.tls-*: %s, %s and %s do not make up TLS: %s"
              .formatted(certificate, key, trusted, rootOf(e)),
          e);
    }
  }

  private static String rootOf(Throwable error) {
    Throwable cause = error.getCause();
    return cause == null || cause == error ? String.valueOf(error.getMessage()) : rootOf(cause);
  }

  NettyServerBuilder secure(NettyServerBuilder server) {
    return incoming == null ? server : server.sslContext(incoming);
  }

  NettyChannelBuilder secure(NettyChannelBuilder channel) {
    return outgoing == null ? channel.usePlaintext() : channel.sslContext(outgoing);
  }
}
