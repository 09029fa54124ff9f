package dev.sheaf.locals3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import software.amazon.awssdk.services.s3.model.BucketCannedACL;

/**
 * S3Proxy over a folder, on 127.0.0.1. Prints one line when it serves,
 *
 * <pre>SHEAF_S3_READY {"port":9000}</pre>
 *
 * and ends with SIGTERM. Exit code 2: wrong arguments; 1: it cannot start, with a line on standard
 * error. Creates are atomic under {@code If-None-Match: *} (a hard link); segments of keys may have
 * 200 bytes, not 255, since temporary files carry longer names. Nothing is fsynced: a power failure
 * loses objects that were acknowledged.
 */
public final class LocalS3 implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final S3Proxy server;

  private LocalS3(S3Proxy server) {
    this.server = server;
  }

  public static void main(String[] arguments) {
    LocalS3Options options;
    try {
      options = LocalS3Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("error: " + e.getMessage());
      System.err.print(LocalS3Options.USAGE);
      System.exit(2);
      return;
    }
    try {
      LocalS3 server = start(options);
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
      System.out.println("SHEAF_S3_READY {\"port\":" + server.port() + "}");
      System.out.flush();
    } catch (IOException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
    }
  }

  /** IOException when the folder cannot be used or the port is taken. */
  static LocalS3 start(LocalS3Options options) throws IOException {
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(open(options))
            .awsAuthentication(
                AuthenticationType.AWS_V2_OR_V4, options.accessKey(), options.secretKey())
            .endpoint(URI.create("http://" + HOST + ":" + options.port()))
            .stopTimeout(0)
            .build();
    try {
      server.start();
    } catch (Exception e) { // what Jetty declares
      throw new IOException("cannot listen on " + HOST + ":" + options.port() + ": " + e, e);
    }
    return new LocalS3(server);
  }

  private static BlobStore open(LocalS3Options options) throws IOException {
    try {
      Files.createDirectories(options.data());
      var properties = new Properties();
      properties.setProperty("jclouds.filesystem.basedir", options.data().toString());
      BlobStore store = BlobStores.create("filesystem-nio2", properties);
      if (!store.containerExists(options.bucket())) {
        store.createContainer(options.bucket());
      }
      // it goes by the folder's permissions: one that others may read is served to the unsigned too
      store.setContainerAccess(options.bucket(), BucketCannedACL.PRIVATE);
      return store;
    } catch (IOException | RuntimeException e) { // the blob store's own are unchecked
      throw new IOException("cannot use folder '" + options.data() + "': " + e, e);
    }
  }

  int port() {
    return server.getPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) { // what Jetty declares; the process ends either way
      System.err.println("error: " + e);
    }
  }
}
