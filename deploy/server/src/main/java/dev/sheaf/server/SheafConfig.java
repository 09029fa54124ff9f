package dev.sheaf.server;

import dev.sheaf.rpc.cluster.NodeRole;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The server's settings: arguments ({@code --data=...}), system properties ({@code
 * -Dsheaf.data=...}), environment variables ({@code SHEAF_DATA}) or {@code
 * config/application.properties} in the working directory, in this order. A setting that is not
 * listed here, or a value that does not fit, ends the start.
 *
 * <p>Sizes are numbers with K, M or G; durations are like 500ms, 30s, 5m.
 */
@ConfigMapping(prefix = "sheaf")
public interface SheafConfig {

  /** Folder of everything that lasts; created if absent. */
  @WithDefault("data")
  Path data();

  /** Use a temporary folder instead of {@link #data} and delete it at the end. */
  @WithDefault("false")
  @WithConverter(StrictBoolean.class)
  boolean ephemeral();

  /** Copies of the log: 1, or 3 to exercise the quorum. Must stay the same for a data folder. */
  @WithDefault("1")
  int safekeepers();

  /**
   * The parts that this process plays in a cluster: safekeeper, control, pageserver, compute; more
   * than one by commas. Default: all of them, standing alone, with its folder as the only store.
   */
  Optional<Set<NodeRole>> roles();

  /** This process's name in the cluster, kept over restarts. Needed with {@link #roles}. */
  Optional<String> node();

  /** Safekeepers that keep each new log of a cluster: an odd number; 3 survive the loss of one. */
  @WithDefault("3")
  int logCopies();

  /**
   * A safekeeper that has been away for so long is taken for lost: another one, if there is one,
   * gets copies of its logs in its place.
   */
  @WithDefault("10m")
  Duration safekeeperAbsence();

  /** How long after its end a process of the cluster is taken for gone. */
  @WithDefault("3s")
  Duration leaseTtl();

  /** Where the other processes of the cluster connect. */
  Rpc rpc();

  /** The cluster's etcd. Needed with {@link #roles}. */
  Etcd etcd();

  /** The cluster's object store. Needed with {@link #roles}. */
  S3 s3();

  /** Where SQL clients connect. */
  Flight flight();

  /** Where REST, health, metrics and the console are. */
  Http http();

  /** Local copies of what a process of a cluster reads from the object store. */
  DiskCacheSettings diskCache();

  /** Queries. */
  Query query();

  /** Heap that caches, memtables and queries may use together; default: what -Xmx leaves. */
  Optional<MemorySize> memory();

  /** A shard's memtable is flushed to the object store at this size; default from the heap. */
  Optional<MemorySize> flushSize();

  /** How far back tables can be read as they were; what is older goes when it gets in the way. */
  @WithDefault("7d")
  Duration retention();

  /** The only folder that COPY reads and writes; default: {@code import} in the data folder. */
  Optional<Path> importDir();

  /** Databases that may exist. */
  @WithDefault("1000")
  int maxDatabases();

  /** Print a line {@code SHEAF READY {json}} to standard output when ready, for programs. */
  @WithDefault("false")
  @WithConverter(StrictBoolean.class)
  boolean readyJson();

  /** A process of a cluster that has not found etcd and its copies by then gives up. */
  @WithDefault("60s")
  Duration startTimeout();

  /** After a stop was asked for, the process ends at the latest after this long. */
  @WithDefault("60s")
  Duration shutdownTimeout();

  /** The port of calls between the processes of a cluster. */
  interface Rpc {
    /** Address to listen on. Whoever reaches it can do everything. */
    @WithDefault("127.0.0.1")
    String host();

    /** 0 = any free one. */
    @WithDefault("31339")
    int port();

    /** Host that the others connect to; default: the host listened on. */
    Optional<String> advertisedHost();

    /** This process's certificate and what leads to the authority, PEM; with the other two. */
    Optional<Path> tlsCertificate();

    /** Private key of the certificate, PKCS #8 in PEM. */
    Optional<Path> tlsKey();

    /** Certificates whose bearers are let in, and believed when called, PEM. */
    Optional<Path> tlsAuthority();
  }

  /** Leases, terms, the registry of databases. */
  interface Etcd {
    /** Client addresses of the members, by commas: {@code http://host:2379}. */
    Optional<List<URI>> endpoints();

    /** First part of all keys: clusters with different namespaces can share an etcd. */
    @WithDefault("sheaf")
    String namespace();

    /** Certificates of the authorities that etcd's are signed by, PEM; with https endpoints. */
    Optional<Path> tlsAuthority();

    /** The name in the certificates of all members. Needed with {@link #tlsAuthority}. */
    Optional<String> tlsServerName();

    /** What this process shows to etcd, PEM; default: nothing. */
    Optional<Path> tlsCertificate();

    /** Private key of the certificate, PKCS #8 in PEM. */
    Optional<Path> tlsKey();

    /** Of etcd's own authentication; default: none. */
    Optional<String> user();

    /** Set it in the environment, as SHEAF_ETCD_PASSWORD: others can read a command line. */
    Optional<String> password();
  }

  /** Segments and manifests. */
  interface S3 {
    /** {@code http://host:port} or {@code https://host}. */
    Optional<URI> endpoint();

    @WithDefault("sheaf")
    String bucket();

    /** Put before all keys; empty or ending in a slash. */
    Optional<String> prefix();

    @WithDefault("us-east-1")
    String region();

    /** {@code endpoint/bucket/key} rather than {@code bucket.endpoint/key}. */
    @WithDefault("true")
    @WithConverter(StrictBoolean.class)
    boolean pathStyle();

    /** Keep a checksum with each object and check it when the whole object is read. */
    @WithDefault("true")
    @WithConverter(StrictBoolean.class)
    boolean checksums();

    /**
     * Set both keys in the environment, as SHEAF_S3_ACCESS_KEY and SHEAF_S3_SECRET_KEY or as
     * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: others can read a command line.
     */
    Optional<String> accessKey();

    Optional<String> secretKey();
  }

  /** The Flight SQL port. */
  interface Flight {
    /** Address to listen on. Others than loopback need {@link #trustAnywhere}. */
    @WithDefault("127.0.0.1")
    String host();

    /** 0 = any free one. */
    @WithDefault("31337")
    int port();

    /** Host in the connection URIs that REST gives out; default: the host listened on. */
    Optional<String> advertisedHost();

    /** Certificate and what leads to its authority, PEM: clients must use TLS then. */
    Optional<Path> tlsCertificate();

    /** Private key of the certificate, PKCS #8 in PEM. */
    Optional<Path> tlsKey();

    /** Listen on addresses that others can reach, although everybody is let in. */
    @WithDefault("false")
    @WithConverter(StrictBoolean.class)
    boolean trustAnywhere();
  }

  /** The HTTP port. */
  interface Http {
    /** Address to listen on. Whoever reaches it can create and delete databases. */
    @WithDefault("127.0.0.1")
    String host();

    /** 0 = any free one. */
    @WithDefault("31338")
    int port();
  }

  /** Between the memory of a compute or page server and the object store. */
  interface DiskCacheSettings {
    /** Bytes that its files may take; 0 = none. A gigabyte of the volume is left to others. */
    @WithDefault("2G")
    MemorySize size();

    /** Its folder, in which each node has one of its own; default: {@code cache} in the data's. */
    Optional<Path> dir();
  }

  /** Bounds of queries. */
  interface Query {
    /** One query's memory, unless its session sets query_memory_mb; default from the heap. */
    Optional<MemorySize> memory();

    /** Threads of one query; default: the processors. */
    Optional<Integer> parallelism();

    /** Bytes on disk that queries may use together beyond their memory; 0 = none. */
    @WithDefault("10G")
    MemorySize spill();

    /** Folder of these bytes; default: {@code scratch/queries} in the data's. */
    Optional<Path> spillDir();
  }
}
