package dev.sheaf.bench;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.Flight.FlightDescriptor;
import org.apache.arrow.flight.impl.Flight.PutResult;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutUpdateResult;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The same messages as {@link FlightInsertClient} sends, over plain gRPC: no loop that waits for
 * the stream, and the batch of parameters encoded once, with the id put into its place for each
 * execution. What a client costs that does no more than it must.
 */
final class GrpcInsertClient implements InsertClient {
  private static final int ID_MARK_BYTES = 8;
  private static final long ID_MARK = 0x5EAF_0000_BE7C_1234L;
  private static final long PATIENCE_SECONDS = 60;

  private final BufferAllocator allocator;
  private final FlightLogin login;
  private final ManagedChannel channel;
  private final FlightData begin;
  private final Schema schema;
  private String payload = "";
  private ByteString header = ByteString.EMPTY;
  private byte[] body = {};
  private int idOffset;

  GrpcInsertClient(BufferAllocator allocator, String host, int port, String database)
      throws Exception {
    this.allocator = allocator;
    this.login = FlightLogin.open(allocator, host, port, database);
    ActionCreatePreparedStatementResult prepared = prepare(login);
    this.schema =
        MessageSerializer.deserializeSchema(
            new ReadChannel(Channels.newChannel(prepared.getParameterSchema().newInput())));
    Any command =
        Any.pack(
            CommandPreparedStatementUpdate.newBuilder()
                .setPreparedStatementHandle(prepared.getPreparedStatementHandle())
                .build());
    this.begin =
        FlightData.newBuilder()
            .setFlightDescriptor(
                FlightDescriptor.newBuilder()
                    .setType(FlightDescriptor.DescriptorType.CMD)
                    .setCmd(command.toByteString()))
            .setDataHeader(
                ByteString.copyFrom(MessageSerializer.serializeMetadata(schema, IpcOption.DEFAULT)))
            .build();
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), login.authorization());
    this.channel =
        NettyChannelBuilder.forAddress(host, port)
            .usePlaintext()
            .directExecutor()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
  }

  private static ActionCreatePreparedStatementResult prepare(FlightLogin login) throws Exception {
    var request =
        ActionCreatePreparedStatementRequest.newBuilder()
            .setQuery("INSERT INTO kv VALUES (?, ?)")
            .build();
    FlightClient client = login.client();
    var results =
        client.doAction(
            new Action("CreatePreparedStatement", Any.pack(request).toByteArray()),
            login.options());
    return Any.parseFrom(results.next().getBody())
        .unpack(ActionCreatePreparedStatementResult.class);
  }

  /** Encodes a batch of one row once, with a mark where its id goes. */
  private void encode(String newPayload) throws Exception {
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator)) {
      ((BigIntVector) root.getVector(0)).setSafe(0, ID_MARK);
      ((VarCharVector) root.getVector(1)).setSafe(0, newPayload.getBytes(StandardCharsets.UTF_8));
      root.setRowCount(1);
      try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
        header = ByteString.copyFrom(MessageSerializer.serializeMetadata(batch, IpcOption.DEFAULT));
        var bytes = new ByteArrayOutputStream();
        for (ArrowBuf buffer : batch.getBuffers()) {
          byte[] copy = new byte[(int) buffer.readableBytes()];
          buffer.getBytes(buffer.readerIndex(), copy);
          bytes.write(copy);
          bytes.write(new byte[-copy.length & 7]);
        }
        body = bytes.toByteArray();
      }
    }
    payload = newPayload;
    ByteBuffer buffer = littleEndian(body);
    idOffset = 0;
    while (buffer.getLong(idOffset) != ID_MARK) {
      idOffset += ID_MARK_BYTES;
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void insert(long id, String newPayload) throws Exception {
    if (!newPayload.equals(payload)) {
      encode(newPayload);
    }
    byte[] row = body.clone();
    ByteBuffer unused = littleEndian(row).putLong(idOffset, id);
    var answer = new Answer();
    ClientCall<FlightData, PutResult> call =
        channel.newCall(FlightServiceGrpc.getDoPutMethod(), CallOptions.DEFAULT);
    StreamObserver<FlightData> stream = ClientCalls.asyncBidiStreamingCall(call, answer);
    stream.onNext(begin);
    stream.onNext(
        FlightData.newBuilder()
            .setDataHeader(header)
            .setDataBody(ByteString.copyFrom(row))
            .build());
    stream.onCompleted();
    PutResult result = answer.done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (DoPutUpdateResult.parseFrom(result.getAppMetadata()).getRecordCount() != 1) {
      throw new IllegalStateException("the insert changed nothing");
    }
  }

  /** The one answer, when the call has ended well. */
  private static final class Answer implements StreamObserver<PutResult> {
    private final CompletableFuture<PutResult> done = new CompletableFuture<>();
    private PutResult result = PutResult.getDefaultInstance();

    @Override
    public void onNext(PutResult value) {
      result = value;
    }

    @Override
    public void onError(Throwable error) {
      done.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      done.complete(result);
    }
  }

  @Override
  public void close() throws Exception {
    channel.shutdownNow();
    login.client().close();
  }
}
