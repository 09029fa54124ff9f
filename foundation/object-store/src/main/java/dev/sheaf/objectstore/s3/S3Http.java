package dev.sheaf.objectstore.s3;

import io.minio.MinioAsyncClient;
import io.minio.credentials.StaticProvider;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * The HTTP client below the SDK, with every habit of its own switched off: nothing is retried,
 * redirected or queued but by {@link S3Retries}.
 */
final class S3Http {
  private static final long IDLE_SECONDS = 20;

  private S3Http() {}

  static OkHttpClient client(S3Settings settings) {
    S3Limits limits = settings.limits();
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("s3-", 0).factory());
    var dispatcher = new Dispatcher(threads);
    dispatcher.setMaxRequests(limits.maxRequests());
    dispatcher.setMaxRequestsPerHost(limits.maxRequests());
    return new OkHttpClient.Builder()
        .dispatcher(dispatcher)
        .connectionPool(new ConnectionPool(limits.maxRequests(), IDLE_SECONDS, TimeUnit.SECONDS))
        .protocols(List.of(Protocol.HTTP_1_1))
        // without TLS the machine's certificates need not be loaded, which takes a start 100 ms
        .connectionSpecs(
            List.of(settings.signsContent() ? ConnectionSpec.CLEARTEXT : ConnectionSpec.MODERN_TLS))
        .retryOnConnectionFailure(false)
        .followRedirects(false)
        .followSslRedirects(false)
        .connectTimeout(limits.connectTimeout())
        .readTimeout(limits.transferTimeout())
        .writeTimeout(limits.transferTimeout())
        .addInterceptor(new S3Answers())
        .build();
  }

  static MinioAsyncClient minio(S3Settings settings, OkHttpClient http) {
    S3Credentials keys = settings.credentials();
    MinioAsyncClient client =
        MinioAsyncClient.builder()
            .endpoint(settings.endpoint().toString())
            .region(settings.region())
            .credentialsProvider(
                new StaticProvider(
                    keys.accessKey(),
                    keys.secretKey(),
                    keys.sessionToken().isEmpty() ? null : keys.sessionToken()))
            .httpClient(http)
            .build();
    if (settings.pathStyle()) {
      client.disableVirtualStyleEndpoint();
    } else {
      client.enableVirtualStyleEndpoint();
    }
    return client;
  }

  static void close(OkHttpClient http) {
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
