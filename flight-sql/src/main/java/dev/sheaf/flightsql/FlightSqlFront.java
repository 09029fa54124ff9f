package dev.sheaf.flightsql;

import dev.sheaf.flightsql.metadata.ServerFacts;
import dev.sheaf.flightsql.session.Authenticator;
import dev.sheaf.flightsql.session.CallGate;
import dev.sheaf.flightsql.session.Handles;
import dev.sheaf.flightsql.session.Seal;
import dev.sheaf.flightsql.session.Sessions;
import dev.sheaf.flightsql.stream.FrameGuard;
import dev.sheaf.flightsql.stream.Patience;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlService;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.flight.FlightGrpcUtils;
import org.apache.arrow.flight.auth.ServerAuthHandler;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The Flight SQL server: one Netty gRPC port in front of a {@link SqlService}. Started once, closed
 * once; {@link #port} and the like are thread-safe.
 *
 * <p>A plain gRPC server rather than Flight's own, because messages have to be looked at before
 * Arrow parses them ({@link FrameGuard}), and errors of the gate need their trailers.
 */
public final class FlightSqlFront implements AutoCloseable {
  private static final long SWEEP_SECONDS = 5;
  private static final long DRAIN_SECONDS = 10;
  private static final long DRAIN_POLL_MILLIS = 10;

  private final SqlService service;
  private final BufferAllocator allocator;
  private final BufferAllocator incoming;
  private final FrontConfig config;
  private final Authenticator authenticator;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final SecureRandom random;
  private final ExecutorService threads;
  private final ScheduledExecutorService timer;
  private final Sessions sessions;

  private @Nullable Server server;
  private @Nullable Future<?> sweeping;

  /**
   * Where time, randomness and threads come from.
   *
   * @param clock for the expiry of tokens
   * @param nanoClock monotonic, for idle times
   * @param threads one virtual thread for each task; stays the caller's
   * @param timer for short tasks only; stays the caller's
   */
  public record Surroundings(
      InstantSource clock,
      LongSupplier nanoClock,
      SecureRandom random,
      ExecutorService threads,
      ScheduledExecutorService timer) {}

  /**
   * @param allocator memory of results; stays the caller's
   */
  public FlightSqlFront(
      SqlService service,
      BufferAllocator allocator,
      FrontConfig config,
      Authenticator authenticator,
      Surroundings surroundings) {
    this.service = service;
    this.allocator = allocator;
    this.incoming = allocator.newChildAllocator("incoming", 0, config.incomingBytes());
    this.config = config;
    this.authenticator = authenticator;
    this.clock = surroundings.clock();
    this.nanoClock = surroundings.nanoClock();
    this.random = surroundings.random();
    this.threads = surroundings.threads();
    this.timer = surroundings.timer();
    this.sessions = new Sessions(service, config.sessions(), nanoClock);
  }

  /** As the other {@code start}, without TLS. */
  public void start(String host, int port) {
    start(host, port, UnaryOperator.identity());
  }

  /**
   * Listens.
   *
   * @param port 0 = any free one
   * @param security adds TLS to the port, or leaves it as it is
   * @throws SheafException 28000 if everybody would be trusted on an address that others can reach
   * @throws UncheckedIOException if the port cannot be had
   */
  public void start(String host, int port, UnaryOperator<NettyServerBuilder> security) {
    checkTrust(host);
    Seal seal = new Seal(config.tokenKey().orElseGet(this::randomKey));
    CallGate gate =
        Sessions.gate(
            authenticator,
            new Sessions.TokenRules(seal, clock, config.tokenLifetime(), random),
            config.sendAheadBytes());
    BindableService flight =
        FlightGrpcUtils.createFlightService(
            incoming, producer(new Handles(seal)), ServerAuthHandler.NO_OP, threads);
    ServerServiceDefinition guarded =
        ServerInterceptors.intercept(
            ServerInterceptors.useInputStreamMessages(flight.bindService()), new FrameGuard());
    try {
      server =
          security
              .apply(NettyServerBuilder.forAddress(new InetSocketAddress(host, port)))
              .directExecutor()
              .callExecutor(new CallThreads(threads))
              .maxInboundMessageSize(config.maxMessageBytes())
              .maxInboundMetadataSize(config.maxHeaderBytes())
              .addService(guarded)
              .intercept(gate)
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on " + host + ":" + port, e);
    }
    sweeping =
        timer.scheduleWithFixedDelay(
            () -> threads.execute(sessions::sweep), SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  private void checkTrust(String host) {
    if (!authenticator.trustsEverybody() || config.trustAnywhere()) {
      return;
    }
    boolean loopback;
    try {
      loopback = InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new UncheckedIOException("unknown host " + host, e);
    }
    if (!loopback) {
      throw new SheafException(
              ErrorCode.INVALID_AUTHORIZATION,
              "no users are configured, so the server does not listen on " + host)
          .withHint("Configure users, or listen on 127.0.0.1, or allow trust on any address.");
    }
  }

  private byte[] randomKey() {
    byte[] key = new byte[32];
    random.nextBytes(key);
    return key;
  }

  private SheafFlightSqlProducer producer(Handles handles) {
    var patience = new Patience(timer, config.clientSilence(), nanoClock);
    var calls = new Calls(sessions, handles, config.maxStatements());
    var starter = new QueryStarter(handles);
    var answers = new PutAnswers(allocator);
    var statements = new StatementCalls(calls, starter, answers, nanoClock);
    var results = new ResultStreams(calls, handles, allocator, threads, patience, nanoClock);
    var prepared =
        new PreparedCalls(
            calls,
            handles,
            statements,
            starter,
            results,
            answers,
            patience,
            config.maxParameterRows());
    String version = FlightSqlFront.class.getPackage().getImplementationVersion();
    var facts =
        new ServerFacts(
            version == null ? "development" : version,
            config.sessions().sessionIdle(),
            config.sessions().transactionIdle(),
            StatementCalls.MAX_TEXT);
    return new SheafFlightSqlProducer(
        new SheafFlightSqlProducer.Topics(
            statements,
            prepared,
            results,
            new IngestCalls(calls, answers, patience),
            new TransactionCalls(calls, handles),
            new SessionCalls(calls, sessions, handles),
            new MetadataCalls(calls, service, facts, allocator, threads)),
        patience);
  }

  /** The port that is listened on; fails before {@link #start}. */
  public int port() {
    Server running = server;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running.getPort();
  }

  /** Number of clients' sessions. */
  public int sessionCount() {
    return sessions.size();
  }

  /** Lets open transactions and running calls end for a while, then stops them; ends sessions. */
  @Override
  public void close() {
    Future<?> sweep = sweeping;
    if (sweep != null) {
      sweep.cancel(false);
    }
    Server running = server;
    if (running != null) {
      try {
        awaitTransactions();
        running.shutdown();
        boolean drained = running.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS);
        sessions.close();
        if (!drained) {
          running.shutdownNow();
          boolean unused = running.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    incoming.close();
  }

  /** The port stays open meanwhile: a transaction ends by further calls. */
  private void awaitTransactions() throws InterruptedException {
    sessions.drain();
    long end = nanoClock.getAsLong() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
    while (sessions.isAtWork() && end - nanoClock.getAsLong() > 0) {
      Thread.sleep(DRAIN_POLL_MILLIS);
    }
  }
}
