package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.HeadBucketArgs;
import io.minio.HeadObjectArgs;
import io.minio.HeadObjectResponse;
import io.minio.Http;
import io.minio.ListMultipartUploadsArgs;
import io.minio.ListObjectsV2Args;
import io.minio.MinioAsyncClient;
import io.minio.PutObjectAPIArgs;
import io.minio.RemoveObjectArgs;
import io.minio.UploadPartArgs;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.ListBucketResultV2;
import io.minio.messages.ListMultipartUploadsResult;
import io.minio.messages.Part;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request a call, sent once; whatever comes of it other than a good answer is an {@link
 * S3Failure}. Names are whole: with the settings' prefix. Thread-safe, blocking.
 */
final class S3Requests implements AutoCloseable {
  /** Requests that carry more have the longer time-out. */
  private static final int LONG_FROM_BYTES = 1 << 20;

  /**
   * The HTTP client keeps the time-out itself; this much later we do not believe in it any more.
   */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final String bucket;
  private final OkHttpClient http;
  private final Channel small;
  private final Channel large;

  /** A client and how long its requests may take, the answer's body included. */
  private record Channel(MinioAsyncClient client, Duration timeout) {}

  /** A whole object. */
  record Fetched(byte[] content, GetObjectResponse headers) {}

  S3Requests(S3Settings settings) {
    this.bucket = settings.bucket();
    this.http = S3Http.client(settings);
    this.small = channel(settings, settings.limits().requestTimeout());
    this.large = channel(settings, settings.limits().transferTimeout());
  }

  private Channel channel(S3Settings settings, Duration timeout) {
    return new Channel(
        S3Http.minio(settings, http.newBuilder().callTimeout(timeout).build()), timeout);
  }

  void put(String name, byte[] content, Http.Headers headers) throws S3Failure {
    Channel channel = channelFor(content.length);
    await(
        channel,
        () ->
            channel.client.putObject(
                PutObjectAPIArgs.builder()
                    .bucket(bucket)
                    .object(name)
                    .data(content, content.length)
                    .headers(headers)
                    .build()));
  }

  void putFile(String name, Path file, long size, Http.Headers headers) throws S3Failure {
    Channel channel = channelFor(size);
    withFile(
        file,
        0,
        open ->
            await(
                channel,
                () ->
                    channel.client.putObject(
                        PutObjectAPIArgs.builder()
                            .bucket(bucket)
                            .object(name)
                            .file(open, size)
                            .headers(headers)
                            .build())));
  }

  /** Empty if absent. */
  Optional<HeadObjectResponse> head(String name) throws S3Failure {
    try {
      HeadObjectResponse object =
          await(
              small,
              () ->
                  small.client.headObject(
                      HeadObjectArgs.builder().bucket(bucket).object(name).build()));
      if (object.size() < 0) {
        throw new S3Failure(Kind.LOST, "the answer has no Content-Length");
      }
      return Optional.of(object);
    } catch (S3Failure e) {
      if (e.kind() != Kind.ABSENT) {
        throw e;
      }
    }
    // an answer to HEAD has no body that would say what is missing, the key or all of the bucket
    headBucket();
    return Optional.empty();
  }

  void headBucket() throws S3Failure {
    try {
      await(small, () -> small.client.headBucket(HeadBucketArgs.builder().bucket(bucket).build()));
    } catch (S3Failure e) {
      throw e.kind() == Kind.ABSENT ? new S3Failure(Kind.BUCKET_MISSING, e.message(), e) : e;
    }
  }

  Fetched get(String name) throws S3Failure {
    GetObjectArgs args = GetObjectArgs.builder().bucket(bucket).object(name).build();
    return fetch(large, args, S3Bodies::whole);
  }

  /** From one byte to all that were asked for: fewer where the object ends before. */
  Fetched getRange(String name, long offset, int length) throws S3Failure {
    GetObjectArgs args =
        GetObjectArgs.builder()
            .bucket(bucket)
            .object(name)
            .offset(offset)
            .length((long) length)
            .build();
    return fetch(channelFor(length), args, response -> S3Bodies.range(response, offset, length));
  }

  private interface BodyReader {
    byte[] read(GetObjectResponse response) throws IOException;
  }

  private static Fetched fetch(Channel channel, GetObjectArgs args, BodyReader reader)
      throws S3Failure {
    try (GetObjectResponse response = await(channel, () -> channel.client.getObject(args))) {
      return new Fetched(reader.read(response), response);
    } catch (S3Failure e) {
      throw e;
    } catch (IOException e) {
      throw new S3Failure(Kind.LOST, "the answer was cut: " + e.getMessage(), e);
    }
  }

  void delete(String name) throws S3Failure {
    await(
        small,
        () ->
            small.client.removeObject(
                RemoveObjectArgs.builder().bucket(bucket).object(name).build()));
  }

  ListBucketResultV2 list(String prefix, String startAfter, @Nullable String continuation, int max)
      throws S3Failure {
    var args = ListObjectsV2Args.builder().bucket(bucket).prefix(prefix).maxKeys(max);
    if (continuation != null) {
      args.continuationToken(continuation);
    } else if (!startAfter.isEmpty()) {
      args.startAfter(startAfter);
    }
    return await(small, () -> small.client.listObjectsV2(args.build())).result();
  }

  /** Begins an upload in parts and returns its id. */
  String beginUpload(String name, Http.Headers headers) throws S3Failure {
    return await(
            small,
            () ->
                small.client.createMultipartUpload(
                    CreateMultipartUploadArgs.builder()
                        .bucket(bucket)
                        .object(name)
                        .headers(headers)
                        .build()))
        .result()
        .uploadId();
  }

  Part uploadPart(String name, String uploadId, int number, FilePart part, Http.Headers headers)
      throws S3Failure {
    return withFile(
        part.file(),
        part.offset(),
        open ->
            await(
                    large,
                    () ->
                        large.client.uploadPart(
                            UploadPartArgs.builder()
                                .bucket(bucket)
                                .object(name)
                                .uploadId(uploadId)
                                .partNumber(number)
                                .file(open, part.length())
                                .headers(headers)
                                .build()))
                .part());
  }

  /** May take as long as a transfer: the store puts the parts together meanwhile. */
  void completeUpload(String name, String uploadId, List<Part> parts) throws S3Failure {
    await(
        large,
        () ->
            large.client.completeMultipartUpload(
                CompleteMultipartUploadArgs.builder()
                    .bucket(bucket)
                    .object(name)
                    .uploadId(uploadId)
                    .parts(parts.toArray(Part[]::new))
                    .maxRetries(1)
                    .build()));
  }

  void abortUpload(String name, String uploadId) throws S3Failure {
    await(
        small,
        () ->
            small.client.abortMultipartUpload(
                AbortMultipartUploadArgs.builder()
                    .bucket(bucket)
                    .object(name)
                    .uploadId(uploadId)
                    .build()));
  }

  ListMultipartUploadsResult listUploads(
      String prefix, @Nullable String keyMarker, @Nullable String uploadIdMarker) throws S3Failure {
    var args = ListMultipartUploadsArgs.builder().bucket(bucket).prefix(prefix);
    if (keyMarker != null && uploadIdMarker != null) {
      args.keyMarker(keyMarker).uploadIdMarker(uploadIdMarker);
    }
    return await(small, () -> small.client.listMultipartUploads(args.build())).result();
  }

  private Channel channelFor(long bytes) {
    return bytes > LONG_FROM_BYTES ? large : small;
  }

  private interface FileCall<T> {
    T run(RandomAccessFile open) throws S3Failure;
  }

  private static <T> T withFile(Path file, long offset, FileCall<T> call) throws S3Failure {
    try (var open = new RandomAccessFile(file.toFile(), "r")) {
      open.seek(offset);
      return call.run(open);
    } catch (S3Failure e) {
      throw e;
    } catch (IOException e) {
      throw new S3Failure(Kind.REJECTED, "cannot read file '" + file + "': " + e, e);
    }
  }

  private static <T> T await(Channel channel, Supplier<CompletableFuture<T>> request)
      throws S3Failure {
    CompletableFuture<T> answer = request.get();
    try {
      return answer.get(channel.timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      abandon(answer);
      Thread.currentThread().interrupt();
      throw new S3Failure(Kind.INTERRUPTED, "interrupted while waiting for the answer", e);
    } catch (TimeoutException e) {
      abandon(answer);
      throw new S3Failure(Kind.LOST, "no answer within " + channel.timeout, e);
    }
  }

  /** A body that nobody will read still holds its connection. */
  private static <T> void abandon(CompletableFuture<T> answer) {
    var _ =
        answer.thenAccept(late -> {
          if (late instanceof GetObjectResponse body) {
            S3Bodies.discard(body);
          }
        });
  }

  private static S3Failure failure(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof S3Failure known) {
        return known;
      }
      if (e instanceof ErrorResponseException refused) {
        // a success by its status, an error by its body: what completing an upload may answer
        return S3Answers.failure(
            500, refused.errorResponse().code(), refused.errorResponse().message(), "");
      }
    }
    return new S3Failure(Kind.LOST, "no good answer: " + rootOf(thrown), thrown);
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      root = e;
    }
    return root;
  }

  @Override
  public void close() {
    S3Http.close(http);
  }
}
