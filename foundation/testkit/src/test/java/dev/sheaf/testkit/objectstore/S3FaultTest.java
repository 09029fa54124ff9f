package dev.sheaf.testkit.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.s3.S3Counts;
import dev.sheaf.objectstore.s3.S3Limits;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.objectstore.s3.S3Settings;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.fault.Fault;
import dev.sheaf.testkit.fault.HttpFaultProxy;
import dev.sheaf.testkit.fault.HttpMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The S3 adapter behind a network and a store that fail. */
final class S3FaultTest {
  private static final int ATTEMPTS = 4;
  private static final int BUDGET = 1_000;
  private static final S3Limits LIMITS =
      S3Limits.DEFAULT
          .withRetries(ATTEMPTS, Duration.ofSeconds(60), Duration.ofMillis(1), BUDGET)
          .withParts(S3Limits.MIN_PART_BYTES, S3Limits.MIN_PART_BYTES);

  @TempDir static Path folder;
  private static S3Server server;
  private static HttpFaultProxy proxy;

  private static final byte[] SMALL = "small content".getBytes(StandardCharsets.UTF_8);
  private static final byte[] LARGE = new byte[S3Limits.MIN_PART_BYTES + 4_321];
  private static Path largeFile;

  /** Faults after which one more attempt must do. */
  private static final List<Fault> PASSING =
      List.of(
          new Fault.Answer(500),
          new Fault.Answer(429, Map.of("Content-Type", "text/html"), "<html>slow</html>"),
          new Fault.DropRequest(),
          new Fault.DropAnswer(),
          new Fault.ReplaceAnswer(new Fault.Answer(502)),
          new Fault.CutAnswer(5),
          new Fault.CutSilently(5));

  private static final List<Fault> COARSE =
      List.of(new Fault.Answer(500), new Fault.DropRequest(), new Fault.DropAnswer());

  @BeforeAll
  static void start() throws Exception {
    server = S3Server.inMemory();
    proxy = HttpFaultProxy.before(server.address());
    new Random(11).nextBytes(LARGE);
    largeFile = Files.write(folder.resolve("large"), LARGE);
  }

  @AfterAll
  static void stop() throws IOException {
    proxy.close();
    server.close();
  }

  private static S3ObjectStore open(S3Limits limits) {
    S3Settings settings = server.settings(proxy.uri()).withLimits(limits);
    return S3ObjectStore.forReading(settings, new SecureRandom(), System::nanoTime);
  }

  /** A call and the proof that it did what it should. */
  private record Case(Call call, Object answer) {}

  @FunctionalInterface
  private interface Call {
    Object on(ObjectStore store);
  }

  private static Map<String, Case> calls() {
    var calls = new LinkedHashMap<String, Case>();
    calls.put("put", new Case(s -> putAnd(s, SMALL), "small content"));
    calls.put(
        "putFile",
        new Case(
            s -> {
              s.putFile("new", folder.resolve("small"));
              return text(s.get("new").orElseThrow());
            },
            "small content"));
    calls.put(
        "putFile in parts",
        new Case(
            s -> {
              s.putFile("new", largeFile);
              return Arrays.equals(LARGE, s.get("new").orElseThrow());
            },
            true));
    calls.put("putIfAbsent, absent", new Case(s -> s.putIfAbsent("new", SMALL), true));
    calls.put(
        "putIfAbsent, there",
        new Case(
            s -> s.putIfAbsent("old", "other, longer text".getBytes(StandardCharsets.UTF_8)),
            false));
    calls.put(
        "putIfAbsent, there as long", new Case(s -> s.putIfAbsent("old", new byte[13]), false));
    calls.put("putIfAbsent, the same there", new Case(s -> s.putIfAbsent("old", SMALL), true));
    calls.put("get", new Case(s -> text(s.get("old").orElseThrow()), "small content"));
    calls.put("get, absent", new Case(s -> s.get("absent").isPresent(), false));
    calls.put("getRange", new Case(s -> text(s.getRange("old", 2, 7)), "all con"));
    calls.put("size", new Case(s -> s.size("old").orElseThrow(), 13L));
    calls.put("size, absent", new Case(s -> s.size("absent").isPresent(), false));
    calls.put("list", new Case(s -> s.list("", "", 10), List.of("old", "old2")));
    calls.put(
        "delete",
        new Case(
            s -> {
              s.delete("old");
              return s.get("old").isPresent();
            },
            false));
    return calls;
  }

  private static String putAnd(ObjectStore store, byte[] content) {
    store.put("new", content);
    return text(store.get("new").orElseThrow());
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static S3ObjectStore filled() {
    S3ObjectStore store = open(LIMITS);
    proxy.next();
    store.put("old", SMALL);
    store.put("old2", SMALL);
    return store;
  }

  @Test
  void oneFaultAnywhereGoesUnnoticed() throws IOException {
    Files.write(folder.resolve("small"), SMALL);
    try (var store = filled()) {
      for (var named : calls().entrySet()) {
        for (Fault fault : named.getKey().contains("parts") ? COARSE : PASSING) {
          int requests = Integer.MAX_VALUE;
          for (int at = 0; at < requests; at++) {
            proxy.next();
            store.put("old", SMALL);
            store.delete("new");
            proxy.takeSeen();
            proxy.next(withFaultAt(at, fault));
            Object answer = named.getValue().call().on(store);
            assertThat(answer)
                .as("%s with %s at request %d", named.getKey(), fault, at)
                .isEqualTo(named.getValue().answer());
            requests = proxy.takeSeen().size();
          }
        }
      }
    }
  }

  private static Fault[] withFaultAt(int at, Fault fault) {
    var faults = new ArrayList<Fault>();
    IntStream.range(0, at).forEach(i -> faults.add(new Fault.None()));
    faults.add(fault);
    return faults.toArray(Fault[]::new);
  }

  @Test
  void faultsThatStayAreTypedErrorsAfterBoundedAttempts() throws IOException {
    Files.write(folder.resolve("small"), SMALL);
    try (var store = filled()) {
      for (var named : calls().entrySet()) {
        for (Fault fault : COARSE) {
          proxy.takeSeen();
          proxy.plan(request -> fault);
          fails(
              named.getKey() + fault, () -> named.getValue().call().on(store), ErrorCode.IO_ERROR);
          assertThat(proxy.takeSeen().size()).as(named.getKey()).isBetween(ATTEMPTS, 2 * ATTEMPTS);
        }
      }
    }
  }

  @Test
  void aRefusalIsNotRepeated() {
    Map<Fault.Answer, ErrorCode> refusals = new LinkedHashMap<>();
    refusals.put(Fault.Answer.s3(403, "InvalidAccessKeyId"), ErrorCode.IO_ERROR);
    refusals.put(Fault.Answer.s3(404, "NoSuchBucket"), ErrorCode.IO_ERROR);
    refusals.put(Fault.Answer.s3(400, "AuthorizationHeaderMalformed"), ErrorCode.IO_ERROR);
    refusals.put(
        new Fault.Answer(301, Map.of("x-amz-bucket-region", "eu-west-9"), ""), ErrorCode.IO_ERROR);
    refusals.put(Fault.Answer.s3(403, "RequestTimeTooSkewed"), ErrorCode.IO_ERROR);
    refusals.put(Fault.Answer.s3(501, "NotImplemented"), ErrorCode.FEATURE_NOT_SUPPORTED);
    refusals.put(Fault.Answer.s3(507, "XMinioStorageFull"), ErrorCode.DISK_FULL);
    try (var store = filled()) {
      refusals.forEach((refusal, code) -> {
        for (Runnable call :
            List.<Runnable>of(
                () -> store.put("k", SMALL),
                () -> store.get("old"),
                () -> store.putIfAbsent("k", SMALL))) {
          proxy.takeSeen();
          proxy.plan(request -> refusal);
          SheafException error = fails(refusal.toString(), call, code);
          assertThat(error.hint()).as(refusal.toString()).isNotBlank();
          assertThat(error.message()).contains("sheaf", String.valueOf(refusal.status()));
          assertThat(proxy.takeSeen()).hasSize(1);
        }
      });
    }
  }

  @Test
  void retriesOfAllCallsAreBounded() {
    S3Limits few = LIMITS.withRetries(ATTEMPTS, Duration.ofSeconds(60), Duration.ofMillis(1), 6);
    try (var store = open(few)) {
      proxy.plan(request -> new Fault.Answer(503));
      proxy.takeSeen();
      for (int i = 0; i < 50; i++) {
        fails("call " + i, () -> store.get("k"), ErrorCode.IO_ERROR);
      }
      assertThat(proxy.takeSeen()).hasSize(50 + 6);
      assertThat(store.counts()).isEqualTo(new S3Counts(56, 6, 50));

      proxy.next();
      for (int i = 0; i < 20; i++) {
        store.get("k"); // absent is an answer too
      }
      proxy.next(new Fault.Answer(503));
      assertThat(store.get("k")).as("successes have refilled the budget").isEmpty();
    }
  }

  @Test
  void aCreationWhoseAnswersGetLostIsToldByItsPutId() {
    try (var store = filled()) {
      proxy.plan(
          request -> request.method().equals("PUT") ? new Fault.DropAnswer() : new Fault.None());
      assertThat(store.putIfAbsent("ours", SMALL)).isTrue();
      assertThat(store.putIfAbsent("old", new byte[13]))
          .as("another's, of the same size")
          .isFalse();

      proxy.plan(
          request -> request.method().equals("PUT") ? new Fault.DropRequest() : new Fault.None());
      SheafException unknown =
          fails("never arrives", () -> store.putIfAbsent("nobodys", SMALL), ErrorCode.IO_ERROR);
      assertThat(unknown.message()).contains("may have been created or not");

      proxy.plan(request -> new Fault.DropAnswer());
      assertThat(
              fails("all lost", () -> store.putIfAbsent("dark", SMALL), ErrorCode.IO_ERROR)
                  .message())
          .contains("may have been created or not");
      proxy.next();
      assertThat(store.putIfAbsent("dark", SMALL)).as("the caller's own repetition").isTrue();
      assertThat(store.putIfAbsent("dark", new byte[13])).isFalse();
    }
  }

  @Test
  void aCreationIsPutAgainWhenWhatWasInTheWayIsGone() {
    try (var store = filled()) {
      proxy.next(Fault.Answer.s3(412, "PreconditionFailed"));
      assertThat(store.putIfAbsent("new", SMALL)).isTrue();
    }
  }

  @Test
  void anUploadInPartsIsAbortedWhenItFails() {
    try (var store = filled()) {
      proxy.plan(request ->
          request.target().contains("partNumber=2")
              ? Fault.Answer.s3(400, "EntityTooSmall")
              : new Fault.None());
      proxy.takeSeen();
      fails("upload", () -> store.putFile("new", largeFile), ErrorCode.IO_ERROR);
      assertThat(proxy.takeSeen().getLast().method()).isEqualTo("DELETE");
      proxy.next();
      assertThat(store.get("new")).isEmpty();
      assertThat(store.abortUploadsBefore(Instant.MAX)).isZero();

      // a process that dies does not abort: what it left is found later
      proxy.plan(request ->
          request.target().contains("partNumber=2") || request.method().equals("DELETE")
              ? Fault.Answer.s3(400, "EntityTooSmall")
              : new Fault.None());
      fails("upload", () -> store.putFile("new", largeFile), ErrorCode.IO_ERROR);
      fails("upload", () -> store.putFile("newer", largeFile), ErrorCode.IO_ERROR);
      proxy.next();
      assertThat(store.abortUploadsBefore(Instant.EPOCH)).isZero();
      proxy.next(new Fault.None(), new Fault.ReplaceAnswer(Fault.Answer.s3(404, "NoSuchUpload")));
      assertThat(store.abortUploadsBefore(Instant.MAX)).as("one has just ended").isEqualTo(1);
      assertThat(store.abortUploadsBefore(Instant.MAX)).isZero();
    }
  }

  @Test
  void aSlowAnswerIsNotWaitedFor() {
    S3Limits hasty =
        LIMITS.withTimeouts(Duration.ofSeconds(2), Duration.ofMillis(300), Duration.ofMillis(600));
    try (var patient = filled();
        var store = open(hasty)) {
      store.put("warm", SMALL);
      proxy.next(new Fault.Delay(Duration.ofSeconds(20), new Fault.None()));
      assertThat(store.get("warm")).hasValue(SMALL);
      proxy.plan(request -> new Fault.Delay(Duration.ofSeconds(20), new Fault.None()));
      fails("slow", () -> store.size("warm"), ErrorCode.IO_ERROR);
    }
  }

  @Test
  void flippedBitsOfAWholeObjectAreNoticed() {
    try (var store = filled()) {
      proxy.next(new Fault.FlipBit(3));
      assertThat(store.get("old")).hasValue(SMALL);
      proxy.plan(request -> new Fault.FlipBit(3));
      fails("flipped", () -> store.get("old"), ErrorCode.DATA_CORRUPTED);
    }
  }

  @Test
  void aStoreThatIgnoresTheConditionIsRefused() {
    var creations = new AtomicInteger();
    Function<HttpMessage, Fault> ignoring =
        request ->
            request.header("If-None-Match").isPresent() && creations.incrementAndGet() == 2
                ? new Fault.Answer(200, Map.of("ETag", "\"x\""), "")
                : new Fault.None();
    S3Settings settings = server.settings(proxy.uri()).withLimits(LIMITS);
    proxy.plan(ignoring);
    SheafException refused =
        fails(
            "ignoring",
            () -> S3ObjectStore.connect(settings, new SecureRandom(), System::nanoTime).close(),
            ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE);
    assertThat(refused.message()).contains("If-None-Match");

    proxy.plan(request ->
        request.header("If-None-Match").isPresent()
            ? Fault.Answer.s3(501, "NotImplemented")
            : new Fault.None());
    assertThat(
            fails(
                    "refusing",
                    () ->
                        S3ObjectStore.connect(settings, new SecureRandom(), System::nanoTime)
                            .close(),
                    ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE)
                .message())
        .contains("If-None-Match");

    proxy.next();
    S3ObjectStore.connect(settings, new SecureRandom(), System::nanoTime).close();
  }

  private static SheafException fails(String as, Runnable call, ErrorCode code) {
    var thrown = new SheafException[1];
    assertThatThrownBy(call::run)
        .as(as)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.code()).as(as + ": " + e.message()).isEqualTo(code);
              thrown[0] = e;
            });
    return thrown[0];
  }
}
