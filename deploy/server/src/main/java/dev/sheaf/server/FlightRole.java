package dev.sheaf.server;

import dev.sheaf.control.server.SqlAddress;
import dev.sheaf.flightsql.FlightSqlFront;
import dev.sheaf.flightsql.FrontConfig;
import dev.sheaf.flightsql.session.TrustEverybody;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlService;
import io.grpc.netty.NettyServerBuilder;
import java.io.File;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** The Flight SQL port, and the Arrow memory of results and of what clients send. */
final class FlightRole implements AutoCloseable {
  private final BufferAllocator allocator;
  private final FlightSqlFront front;
  private final SqlAddress address;

  private FlightRole(BufferAllocator allocator, FlightSqlFront front, SqlAddress address) {
    this.allocator = allocator;
    this.front = front;
    this.address = address;
  }

  /**
   * @throws StartFailure if the port is taken or the address must not be listened on
   */
  static FlightRole start(
      SqlService sql,
      SheafConfig.Flight config,
      MemoryPlan memory,
      ServerThreads threads,
      SecureRandom random) {
    var allocator = new RootAllocator(memory.arrowBytes());
    var front =
        new FlightSqlFront(
            sql,
            allocator,
            frontConfig(config, memory),
            new TrustEverybody(),
            new FlightSqlFront.Surroundings(
                InstantSource.system(),
                System::nanoTime,
                random,
                threads.blocking(),
                threads.timer()));
    try {
      front.start(config.host(), config.port(), builder -> secure(builder, config));
    } catch (UncheckedIOException e) {
      front.close();
      allocator.close();
      throw PortCheck.taken("sheaf.flight", config.host(), config.port(), e);
    } catch (SheafException e) {
      front.close();
      allocator.close();
      throw new StartFailure(
          ExitCode.BAD_CONFIGURATION, "configuration: sheaf.flight.host: " + e.message(), e);
    }
    String host = config.advertisedHost().orElseGet(() -> reachable(config.host()));
    return new FlightRole(
        allocator, front, new SqlAddress(host, front.port(), config.tlsKey().isPresent()));
  }

  private static NettyServerBuilder secure(NettyServerBuilder builder, SheafConfig.Flight config) {
    return config
        .tlsCertificate()
        .map(certificate -> {
          File key = config.tlsKey().orElseThrow().toFile();
          try {
            return builder.useTransportSecurity(certificate.toFile(), key);
          } catch (IllegalArgumentException e) {
            throw new StartFailure(
                ExitCode.BAD_CONFIGURATION,
                "configuration: sheaf.flight.tls-*: %s and %s do not make up TLS"
                    .formatted(certificate, key),
                e);
          }
        })
        .orElse(builder);
  }

  private static FrontConfig frontConfig(SheafConfig.Flight config, MemoryPlan memory) {
    FrontConfig defaults = FrontConfig.defaults();
    return new FrontConfig(
        (int) Math.min(defaults.maxMessageBytes(), memory.arrowBytes() / 4),
        defaults.maxHeaderBytes(),
        memory.arrowBytes() / 2,
        (int) Math.min(defaults.sendAheadBytes(), memory.arrowBytes() / 16),
        defaults.tokenKey(),
        defaults.tokenLifetime(),
        defaults.clientSilence(),
        defaults.maxStatements(),
        defaults.maxParameterRows(),
        config.trustAnywhere(),
        defaults.sessions());
  }

  /** A client cannot connect to "any address". */
  private static String reachable(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress() ? "127.0.0.1" : host;
    } catch (UnknownHostException e) {
      return host;
    }
  }

  SqlAddress address() {
    return address;
  }

  int sessions() {
    return front.sessionCount();
  }

  long arrowBytes() {
    return allocator.getAllocatedMemory();
  }

  /** Lets running calls end for a while, ends sessions. */
  @Override
  public void close() {
    front.close();
    allocator.close();
  }
}
