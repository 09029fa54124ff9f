package dev.sheaf.flightsql;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.sheaf.flightsql.error.FlightErrors;
import dev.sheaf.flightsql.session.SessionLimits;
import dev.sheaf.flightsql.session.TrustEverybody;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest.TableDefinitionOptions;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * DoPut streams that no honest client sends: each gets a typed answer, and no byte stays behind.
 */
@Timeout(60)
class MalformedStreamTest {
  private static final long SEED = Long.getLong("sheaf.seed", 20261122L);

  private static final FrontConfig IMPATIENT =
      new FrontConfig(
          1 << 20,
          16 << 10,
          64 << 20,
          10 << 20,
          Optional.empty(),
          Duration.ofHours(1),
          Duration.ofMillis(300),
          1024,
          1 << 17,
          false,
          SessionLimits.defaults());

  private static final MethodDescriptor<byte[], byte[]> DO_PUT =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName("arrow.flight.protocol.FlightService/DoPut")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final FrontFixture server = new FrontFixture(IMPATIENT, new TrustEverybody());
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", server.front.port()).usePlaintext().build();

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    server.engine.update("STILL ALIVE", 1);
    assertThat(server.client().executeUpdate("STILL ALIVE")).isEqualTo(1);
    server.close();
  }

  @Test
  void streamsThatAreNoStreamsAreRefused() throws Exception {
    byte[] start = frame(descriptor(), schemaHeader(), null);
    byte[] batch = frame(null, batchHeader(), batchBody());
    assertThat(put(List.of(start, batch)).getCode()).isEqualTo(Status.Code.OK);
    assertThat(server.engine.ingested.get("t")).hasSize(3);

    assertThat(state(List.of())).isEqualTo("57014");
    assertThat(state(List.of(frame(descriptor(), null, null)))).isEqualTo("57014");
    assertThat(state(List.of(batch))).isEqualTo("08P01");
    assertThat(state(List.of(start, start))).isEqualTo("08P01");
    assertThat(state(List.of(start, frame(null, null, batchBody())))).isEqualTo("08P01");
    assertThat(state(List.of(frame(descriptor(), schemaHeader(), batchBody())))).isEqualTo("08P01");
    assertThat(state(List.of(start, frame(null, batchHeader(), new byte[8])))).isEqualTo("22P03");
    assertThat(state(List.of(start, claiming(2, Integer.MAX_VALUE)))).isEqualTo("08P01");
    assertThat(state(List.of(start, claiming(1000, Integer.MAX_VALUE)))).isEqualTo("08P01");
    assertThat(state(List.of(start, claiming(2, -1)))).isEqualTo("08P01");
    assertThat(server.engine.ingested.get("t")).hasSize(3);
  }

  @Test
  void brokenBytesAreRefusedOrHarmless() throws Exception {
    Random random = new Random(SEED);
    byte[] start = frame(descriptor(), schemaHeader(), null);
    for (int round = 0; round < 600; round++) {
      byte[] header = batchHeader();
      byte[] body = batchBody();
      byte[] first = start.clone();
      switch (random.nextInt(3)) {
        case 0 -> damage(random, header);
        case 1 -> damage(random, body);
        default -> damage(random, first);
      }
      Answer answer = answer(List.of(first, frame(null, header, body)));
      assertThat(answer.status().isOk() || answer.sqlState() != null)
          .as("-Dsheaf.seed=%d, round %d: %s", SEED, round, answer)
          .isTrue();
      assertThat(answer.sqlState()).isNotEqualTo("XX000");
    }
  }

  private static void damage(Random random, byte[] bytes) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
  }

  private record Answer(Status status, String sqlState) {}

  private Status put(List<byte[]> messages) throws Exception {
    return answer(messages).status();
  }

  private String state(List<byte[]> messages) throws Exception {
    return answer(messages).sqlState();
  }

  private Answer answer(List<byte[]> messages) throws Exception {
    CompletableFuture<Answer> end = new CompletableFuture<>();
    StreamObserver<byte[]> out =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(DO_PUT, CallOptions.DEFAULT),
            new StreamObserver<>() {
              @Override
              public void onNext(byte[] answer) {}

              @Override
              public void onError(Throwable error) {
                Metadata trailers = Status.trailersFromThrowable(error);
                end.complete(
                    new Answer(
                        Status.fromThrowable(error),
                        trailers == null ? null : trailers.get(FlightErrors.SQLSTATE)));
              }

              @Override
              public void onCompleted() {
                end.complete(new Answer(Status.OK, null));
              }
            });
    try {
      for (byte[] message : messages) {
        out.onNext(message);
      }
      out.onCompleted();
    } catch (IllegalStateException alreadyRefused) {
      // the answer says why
    }
    return end.get(20, TimeUnit.SECONDS);
  }

  private static ByteString descriptor() {
    var options =
        TableDefinitionOptions.newBuilder().setIfNotExistValue(1).setIfExistsValue(2).build();
    var command =
        CommandStatementIngest.newBuilder().setTable("t").setTableDefinitionOptions(options);
    return Flight.FlightDescriptor.newBuilder()
        .setType(Flight.FlightDescriptor.DescriptorType.CMD)
        .setCmd(Any.pack(command.build()).toByteString())
        .build()
        .toByteString();
  }

  private byte[] schemaHeader() {
    try (VectorSchemaRoot root = root()) {
      return bytes(MessageSerializer.serializeMetadata(root.getSchema(), IpcOption.DEFAULT));
    }
  }

  private byte[] batchHeader() {
    try (VectorSchemaRoot root = root();
        ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
      return bytes(MessageSerializer.serializeMetadata(batch, IpcOption.DEFAULT));
    }
  }

  private byte[] batchBody() {
    try (VectorSchemaRoot root = root();
        ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
      var out = new ByteArrayOutputStream();
      for (ArrowBuf buffer : batch.getBuffers()) {
        byte[] content = new byte[(int) buffer.readableBytes()];
        buffer.getBytes(0, content);
        out.writeBytes(content);
        out.writeBytes(new byte[(8 - out.size() % 8) % 8]);
      }
      return out.toByteArray();
    }
  }

  private VectorSchemaRoot root() {
    var n = new BigIntVector("n", server.clientMemory);
    var v = new VarCharVector("v", server.clientMemory);
    for (int i = 0; i < 3; i++) {
      n.setSafe(i, i);
      v.setSafe(i, ("value" + i).getBytes(StandardCharsets.UTF_8));
    }
    VectorSchemaRoot root = VectorSchemaRoot.of(n, v);
    root.setRowCount(3);
    return root;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] frame(ByteString descriptor, byte[] header, byte[] body)
      throws IOException {
    var out = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    if (descriptor != null) {
      coded.writeBytes(1, descriptor);
    }
    if (header != null) {
      coded.writeByteArray(2, header);
    }
    if (body != null) {
      coded.writeByteArray(1000, body);
    }
    coded.flush();
    return out.toByteArray();
  }

  /** A message of a few bytes that says it is long. */
  private static byte[] claiming(int field, int length) throws IOException {
    var out = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.writeTag(field, 2);
    coded.writeUInt32NoTag(length);
    coded.writeRawBytes(new byte[8]);
    coded.flush();
    return out.toByteArray();
  }
}
