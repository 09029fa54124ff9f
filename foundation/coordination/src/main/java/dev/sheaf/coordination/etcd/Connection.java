package dev.sheaf.coordination.etcd;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;

/**
 * Calls to etcd. Each has a deadline and is sent at most once: jetcd's retries are off, and a call
 * fails at once while there is no connection, so that it is known not to have left. (What gRPC
 * itself repeats is only what no server has begun.) Calls take turns among the members.
 *
 * <p>gRPC waits up to two minutes before it tries again to connect. After some seconds without any
 * answer the client is therefore replaced by a new one, which connects at once and looks up the
 * members' addresses afresh. Thread-safe.
 */
final class Connection implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Connection.class.getName());

  /**
   * etcd refuses more frequent pings than one in 5 s; gRPC makes less than 10 s out of the time.
   */
  private static final Duration PING_EVERY = Duration.ofSeconds(10);

  private static final Duration PING_TIMEOUT = Duration.ofSeconds(3);
  private static final int MAX_ANSWER_BYTES = 32 << 20;
  private static final long REPLACE_AFTER_NANOS = 2_000_000_000L;

  private final EtcdSettings settings;
  private final LongSupplier nanoClock;
  private final RandomGenerator random;
  private final ExecutorService executor;

  private Client client;
  private long connectedNanos;
  private boolean failing;
  private long failingSinceNanos;
  private boolean closed;

  Connection(
      EtcdSettings settings,
      LongSupplier nanoClock,
      RandomGenerator random,
      ExecutorService executor) {
    this.settings = settings;
    this.nanoClock = nanoClock;
    this.random = random;
    this.executor = executor;
    this.client = newClient();
    this.connectedNanos = nanoClock.getAsLong();
  }

  private Client newClient() {
    ClientBuilder builder =
        Client.builder()
            .executorService(executor)
            .retryMaxAttempts(0)
            .waitForReady(false)
            .connectTimeout(settings.callTimeout())
            .keepaliveTime(PING_EVERY)
            .keepaliveTimeout(PING_TIMEOUT)
            // etcd ends connections that ping without calls.
            .keepaliveWithoutCalls(false)
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .interceptor(new EndUnansweredCalls(settings.operationTimeout()));
    EtcdSettings.Login login = settings.login();
    if (login != null) {
      builder.user(Keys.bytes(login.user())).password(Keys.bytes(login.password()));
    }
    EtcdSettings.Tls tls = settings.tls();
    if (tls != null) {
      secure(builder, tls);
    }
    Client built = builder.endpoints(settings.endpoints()).build();
    // Each of them would begin to connect on the thread of its first caller.
    built.getKVClient();
    built.getLeaseClient();
    built.getWatchClient();
    return built;
  }

  private static void secure(ClientBuilder builder, EtcdSettings.Tls tls) {
    try {
      builder
          .authority(tls.serverName())
          .sslContext(context -> {
            context.trustManager(tls.authorities().toFile());
            EtcdSettings.Identity identity = tls.identity();
            if (identity != null) {
              context.keyManager(identity.certificate().toFile(), identity.key().toFile());
            }
          });
    } catch (SSLException | IllegalArgumentException e) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "the TLS settings of etcd cannot be used", e);
    }
  }

  Keys keys() {
    return new Keys(settings.namespace());
  }

  /** Time for one operation, beginning now. */
  Patience patience() {
    return new Patience(nanoClock, random, settings.callTimeout(), settings.operationTimeout());
  }

  long nanoTime() {
    return nanoClock.getAsLong();
  }

  /** One call, sent at most once; 58030 once the connection is closed. */
  <T> T call(Function<Client, CompletableFuture<T>> call, long timeoutNanos) throws EtcdFailure {
    try {
      T answer = call.apply(client()).get(timeoutNanos, TimeUnit.NANOSECONDS);
      answered();
      return answer;
    } catch (TimeoutException e) {
      throw failed(EtcdFailure.unanswered(e));
    } catch (ExecutionException | RejectedExecutionException | IllegalStateException e) {
      throw failed(EtcdFailure.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw EtcdFailure.interrupted(e);
    }
  }

  /** The present client; may be replaced at any time, which ends its streams. */
  synchronized Client client() {
    if (closed) {
      throw new SheafException(ErrorCode.IO_ERROR, "coordination is closed");
    }
    return client;
  }

  /** Somebody at etcd lives. */
  synchronized void answered() {
    failing = false;
  }

  private EtcdFailure failed(EtcdFailure failure) {
    switch (failure.kind()) {
      case NOT_RUN, UNKNOWN -> replaceIfSilent();
      case LEASE_NOT_FOUND, COMPACTED, REFUSED -> answered();
      case INTERRUPTED -> {}
    }
    return failure;
  }

  private void replaceIfSilent() {
    if (isSilent()) {
      try {
        // Not on the caller's thread, which may belong to another event loop.
        executor.execute(this::replace);
      } catch (RejectedExecutionException e) {
        LOG.log(System.Logger.Level.DEBUG, "stopping: not connecting anew");
      }
    }
  }

  /** True once for each replacement. */
  private synchronized boolean isSilent() {
    long now = nanoClock.getAsLong();
    if (!failing) {
      failing = true;
      failingSinceNanos = now;
    }
    boolean silent =
        !closed
            && now - failingSinceNanos >= REPLACE_AFTER_NANOS
            && now - connectedNanos >= REPLACE_AFTER_NANOS;
    if (silent) {
      connectedNanos = now;
    }
    return silent;
  }

  private void replace() {
    LOG.log(System.Logger.Level.DEBUG, "no answer from etcd: connecting anew");
    Client next = newClient();
    Client unused;
    synchronized (this) {
      unused = closed ? next : client;
      client = closed ? client : next;
    }
    unused.close();
  }

  @Override
  public void close() {
    Client last;
    synchronized (this) {
      closed = true;
      last = client;
    }
    last.close();
  }

  /** Gives calls that nobody waits for any more an end; watches have none. */
  private record EndUnansweredCalls(Duration after) implements ClientInterceptor {
    private static final String KEEP_ALIVE = "etcdserverpb.Lease/LeaseKeepAlive";

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      boolean ends =
          method.getType() == MethodDescriptor.MethodType.UNARY
              || method.getFullMethodName().equals(KEEP_ALIVE);
      return next.newCall(
          method,
          ends ? options.withDeadlineAfter(after.toNanos(), TimeUnit.NANOSECONDS) : options);
    }
  }
}
