package dev.sheaf.testkit.objectstore;

import dev.sheaf.objectstore.s3.S3Credentials;
import dev.sheaf.objectstore.s3.S3Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/** An S3 server in this process with one bucket. */
final class S3Server implements AutoCloseable {
  static final S3Credentials CREDENTIALS = new S3Credentials("access", "secret-key");
  static final String BUCKET = "sheaf";

  private final S3Proxy server;
  private final AtomicInteger prefixes = new AtomicInteger();

  private S3Server(S3Proxy server) {
    this.server = server;
  }

  static S3Server overFiles(Path folder) throws Exception {
    Files.createDirectories(folder.resolve(BUCKET));
    return start(new FilesystemNio2BlobStore(folder.toString()));
  }

  static S3Server inMemory() throws Exception {
    var store = new TransientNio2BlobStore();
    store.createContainer(BUCKET);
    return start(store);
  }

  private static S3Server start(BlobStore store) throws Exception {
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(store)
            .awsAuthentication(
                AuthenticationType.AWS_V2_OR_V4, CREDENTIALS.accessKey(), CREDENTIALS.secretKey())
            .endpoint(URI.create("http://127.0.0.1:0"))
            .stopTimeout(0)
            .build();
    server.start();
    return new S3Server(server);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort());
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getPort());
  }

  /** Settings of a store that shares no object with any other. */
  S3Settings settings(URI endpoint) {
    return new S3Settings(endpoint, BUCKET, CREDENTIALS)
        .withPrefix("test/" + prefixes.incrementAndGet() + "/");
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
