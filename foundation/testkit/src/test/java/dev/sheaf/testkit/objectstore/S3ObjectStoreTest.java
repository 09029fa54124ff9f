package dev.sheaf.testkit.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.s3.S3Credentials;
import dev.sheaf.objectstore.s3.S3Limits;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.objectstore.s3.S3Settings;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3ObjectStoreTest extends ObjectStoreContract {
  @TempDir static Path folder;
  private static S3Server server;
  @TempDir Path files;

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.overFiles(folder);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @Override
  protected ObjectStore open() {
    return connect(server.settings(server.uri()));
  }

  /** This server's temporary files have longer names than the objects. */
  @Override
  protected int longestSegment() {
    return 200;
  }

  private static S3ObjectStore connect(S3Settings settings) {
    return S3ObjectStore.connect(settings, new SecureRandom(), System::nanoTime);
  }

  @Test
  void uploadsLargeFilesInParts() throws IOException {
    byte[] content = new byte[2 * S3Limits.MIN_PART_BYTES + 12_345];
    new Random(7).nextBytes(content);
    Path file = Files.write(files.resolve("large"), content);
    var limits = S3Limits.DEFAULT.withParts(S3Limits.MIN_PART_BYTES, S3Limits.MIN_PART_BYTES);
    try (var store = connect(server.settings(server.uri()).withLimits(limits))) {
      store.putFile("a/large", file);

      assertThat(store.get("a/large")).hasValue(content);
      assertThat(store.getRange("a/large", S3Limits.MIN_PART_BYTES - 10, 20))
          .isEqualTo(
              Arrays.copyOfRange(
                  content, S3Limits.MIN_PART_BYTES - 10, S3Limits.MIN_PART_BYTES + 10));
      assertThat(store.abortUploadsBefore(Instant.MAX)).as("nothing is left over").isZero();
    }
  }

  @Test
  void listsMoreThanOnePageOfTheStore() {
    try (var store = connect(server.settings(server.uri()))) {
      List<String> keys = IntStream.range(0, 1_005).mapToObj("m/%05d"::formatted).toList();
      keys.forEach(key -> store.put(key, new byte[0]));

      assertThat(store.list("m/", "", 2_000)).isEqualTo(keys);
      assertThat(store.list("", "m/00003", 1_001)).isEqualTo(keys.subList(4, 1_005));
    }
  }

  @Test
  void storesOfOtherPrefixesAreOutOfSight() {
    S3Settings settings = server.settings(server.uri());
    try (var one = connect(settings);
        var other = connect(settings.withPrefix(settings.prefix() + "below/"))) {
      other.put("k", new byte[1]);
      assertThat(one.list("", "", 10)).containsExactly("below/k");
      one.put("k", new byte[2]);
      assertThat(other.list("", "", 10)).containsExactly("k");
      assertThat(other.size("k")).hasValue(1L);
    }
  }

  @Test
  void damagedObjectsAreNotGivenOut() throws IOException {
    S3Settings settings = server.settings(server.uri());
    try (var store = connect(settings)) {
      store.put("k", new byte[] {1, 2, 3});
      Path file = folder.resolve(S3Server.BUCKET).resolve(settings.prefix() + "k");
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {9}), 1);
      }
      fails(() -> store.get("k"), ErrorCode.DATA_CORRUPTED, "'k'");
    }
  }

  @Test
  void refusesAtTheStartWhatCannotWork() throws IOException {
    S3Settings good = server.settings(server.uri());
    int nobody;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = free.getLocalPort();
    }
    S3Limits few = S3Limits.DEFAULT.withRetries(2, Duration.ofSeconds(5), Duration.ofMillis(1), 10);

    fails(() -> connect(with(good, "no-such-bucket", "secret-key")), ErrorCode.IO_ERROR, "bucket");
    fails(() -> connect(with(good, good.bucket(), "wrong")), ErrorCode.IO_ERROR, "403");
    fails(
        () ->
            connect(
                new S3Settings(
                        URI.create("http://127.0.0.1:" + nobody),
                        good.bucket(),
                        S3Server.CREDENTIALS)
                    .withLimits(few)),
        ErrorCode.IO_ERROR,
        "127.0.0.1:" + nobody);
  }

  private static S3Settings with(S3Settings like, String bucket, String secret) {
    return new S3Settings(
        like.endpoint(), bucket, new S3Credentials(like.credentials().accessKey(), secret));
  }

  private static void fails(Runnable call, ErrorCode code, String named) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              if (code == ErrorCode.IO_ERROR) {
                assertThat(e.hint()).isNotBlank();
              }
            })
        .hasMessageContaining(named);
  }
}
