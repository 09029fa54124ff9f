package dev.sheaf.coordination.etcd;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which etcd, and which part of it. Immutable.
 *
 * @param endpoints client addresses of the members, {@code http://host:port}; {@code https} exactly
 *     if there is {@code tls}
 * @param namespace first part of all keys: clusters with different namespaces share an etcd without
 *     seeing each other. 1 to 63 of {@code a-z 0-9 _ -}
 * @param callTimeout how long the first try of a call waits for its answer; each further try waits
 *     twice as long
 * @param operationTimeout how long an operation goes on trying; a commit whose outcome is unknown
 *     then has as long again to find it out
 * @param maxTransactionOperations what etcd was started with ({@code --max-txn-ops})
 * @param tls how to trust etcd and be trusted; null = plain text
 * @param login user and password; null = none
 */
public record EtcdSettings(
    List<URI> endpoints,
    String namespace,
    Duration callTimeout,
    Duration operationTimeout,
    int maxTransactionOperations,
    @Nullable Tls tls,
    @Nullable Login login) {
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9_-]{1,63}");

  public EtcdSettings {
    endpoints = List.copyOf(endpoints);
    require(!endpoints.isEmpty(), "etcd needs at least one endpoint");
    String scheme = tls == null ? "http" : "https";
    for (URI endpoint : endpoints) {
      require(
          scheme.equals(endpoint.getScheme())
              && endpoint.getHost() != null
              && endpoint.getPort() > 0,
          "'" + endpoint + "' is no endpoint of etcd: it looks like " + scheme + "://host:2379");
    }
    require(
        NAMESPACE.matcher(namespace).matches(),
        "'" + namespace + "' is no namespace: 1 to 63 of a-z, 0-9, _ and -");
    require(callTimeout.isPositive(), "the call timeout of etcd must be positive");
    require(
        operationTimeout.compareTo(callTimeout) >= 0
            && operationTimeout.compareTo(Duration.ofSeconds(15)) <= 0,
        "the operation timeout of etcd must be between the call timeout and 15 s");
    require(maxTransactionOperations > 1, "etcd must allow two operations in a transaction");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, message);
    }
  }

  /** Defaults: calls of 1 s, operations of 5 s, 128 operations in a transaction, plain text. */
  public static EtcdSettings of(List<URI> endpoints, String namespace) {
    return of(endpoints, namespace, null);
  }

  /** The same defaults, over TLS unless that is null. */
  public static EtcdSettings of(List<URI> endpoints, String namespace, @Nullable Tls tls) {
    return new EtcdSettings(
        endpoints, namespace, Duration.ofSeconds(1), Duration.ofSeconds(5), 128, tls, null);
  }

  public EtcdSettings withTimeouts(Duration call, Duration operation) {
    return new EtcdSettings(
        endpoints, namespace, call, operation, maxTransactionOperations, tls, login);
  }

  public EtcdSettings withTls(Tls newTls) {
    return new EtcdSettings(
        endpoints,
        namespace,
        callTimeout,
        operationTimeout,
        maxTransactionOperations,
        newTls,
        login);
  }

  public EtcdSettings withLogin(Login newLogin) {
    return new EtcdSettings(
        endpoints,
        namespace,
        callTimeout,
        operationTimeout,
        maxTransactionOperations,
        tls,
        newLogin);
  }

  /**
   * @param authorities certificates (PEM) of the authorities that may have signed etcd's
   * @param serverName the name in the certificates of all members
   * @param identity what this process shows to etcd; null = nothing
   */
  public record Tls(Path authorities, String serverName, @Nullable Identity identity) {}

  /**
   * @param certificate chain, PEM
   * @param key PKCS 8, PEM, not encrypted
   */
  public record Identity(Path certificate, Path key) {}

  /** A user of etcd's own authentication. */
  public record Login(String user, String password) {
    /** Without the password. */
    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }
}
