package dev.sheaf.bench;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.Flight.FlightDescriptor;
import org.apache.arrow.flight.impl.Flight.FlightInfo;
import org.apache.arrow.flight.impl.Flight.PutResult;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutUpdateResult;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Prepared statements by the messages of Flight SQL over plain gRPC: what Arrow's own client and
 * the JDBC driver do, without their loops that wait. One thread.
 */
final class GrpcSqlClient implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final BufferAllocator allocator;
  private final FlightLogin login;
  private final ManagedChannel channel;

  GrpcSqlClient(BufferAllocator allocator, String host, int port, String database) {
    this.allocator = allocator;
    this.login = FlightLogin.open(allocator, host, port, database);
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

  Statement prepare(String sql) throws Exception {
    return new Statement(prepared(sql));
  }

  private ActionCreatePreparedStatementResult prepared(String sql) throws Exception {
    var request = ActionCreatePreparedStatementRequest.newBuilder().setQuery(sql).build();
    var results =
        login
            .client()
            .doAction(
                new Action("CreatePreparedStatement", Any.pack(request).toByteArray()),
                login.options());
    return Any.parseFrom(results.next().getBody())
        .unpack(ActionCreatePreparedStatementResult.class);
  }

  /** Its parameters are Longs and Strings. */
  final class Statement {
    private final ByteString handle;
    private final Schema schema;
    private final ByteString schemaMessage;

    private Statement(ActionCreatePreparedStatementResult prepared) throws Exception {
      handle = prepared.getPreparedStatementHandle();
      schema =
          MessageSerializer.deserializeSchema(
              new ReadChannel(Channels.newChannel(prepared.getParameterSchema().newInput())));
      schemaMessage =
          ByteString.copyFrom(MessageSerializer.serializeMetadata(schema, IpcOption.DEFAULT));
    }

    /** Rows changed. */
    long update(Object... parameters) throws Exception {
      return update(row(parameters));
    }

    /**
     * Rows changed.
     *
     * @param row as {@link #row} made it
     */
    long update(FlightData row) throws Exception {
      var command =
          CommandPreparedStatementUpdate.newBuilder().setPreparedStatementHandle(handle).build();
      return DoPutUpdateResult.parseFrom(put(command, row).getAppMetadata()).getRecordCount();
    }

    /** Rows that came, all of them received. */
    long query(Object... parameters) throws Exception {
      var command =
          CommandPreparedStatementQuery.newBuilder().setPreparedStatementHandle(handle).build();
      PutResult unused = put(command, row(parameters));
      FlightInfo info = one(call(FlightServiceGrpc.getGetFlightInfoMethod(), descriptor(command)));
      long rows = 0;
      for (FlightData data :
          call(FlightServiceGrpc.getDoGetMethod(), info.getEndpoint(0).getTicket())) {
        rows += rowsOf(data);
      }
      return rows;
    }

    private PutResult put(Message command, FlightData row) throws Exception {
      var answers = new Answers<PutResult>();
      StreamObserver<FlightData> stream =
          ClientCalls.asyncBidiStreamingCall(
              channel.newCall(FlightServiceGrpc.getDoPutMethod(), CallOptions.DEFAULT), answers);
      stream.onNext(
          FlightData.newBuilder()
              .setFlightDescriptor(descriptor(command))
              .setDataHeader(schemaMessage)
              .build());
      stream.onNext(row);
      stream.onCompleted();
      List<PutResult> all = answers.await();
      return all.isEmpty() ? PutResult.getDefaultInstance() : all.getFirst();
    }

    /** A batch of one row. */
    FlightData row(Object... parameters) throws Exception {
      try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator)) {
        for (int i = 0; i < parameters.length; i++) {
          set(root.getVector(i), parameters[i]);
        }
        root.setRowCount(1);
        try (ArrowRecordBatch batch = new VectorUnloader(root).getRecordBatch()) {
          var body = new ByteArrayOutputStream();
          for (ArrowBuf buffer : batch.getBuffers()) {
            byte[] copy = new byte[(int) buffer.readableBytes()];
            buffer.getBytes(buffer.readerIndex(), copy);
            body.write(copy);
            body.write(new byte[-copy.length & 7]);
          }
          return FlightData.newBuilder()
              .setDataHeader(
                  ByteString.copyFrom(
                      MessageSerializer.serializeMetadata(batch, IpcOption.DEFAULT)))
              .setDataBody(ByteString.copyFrom(body.toByteArray()))
              .build();
        }
      }
    }

    private static void set(FieldVector vector, Object value) {
      switch (vector) {
        case BigIntVector longs -> longs.setSafe(0, ((Number) value).longValue());
        case VarCharVector texts ->
            texts.setSafe(0, ((String) value).getBytes(StandardCharsets.UTF_8));
        default -> throw new IllegalArgumentException("a parameter of type " + vector.getField());
      }
    }
  }

  private static FlightDescriptor descriptor(Message command) {
    return FlightDescriptor.newBuilder()
        .setType(FlightDescriptor.DescriptorType.CMD)
        .setCmd(Any.pack(command).toByteString())
        .build();
  }

  private static long rowsOf(FlightData data) {
    var message =
        org.apache.arrow.flatbuf.Message.getRootAsMessage(
            data.getDataHeader().asReadOnlyByteBuffer());
    return message.headerType() == MessageHeader.RecordBatch
        ? ((RecordBatch) message.header(new RecordBatch())).length()
        : 0;
  }

  private <A, B> List<B> call(MethodDescriptor<A, B> method, A request) throws Exception {
    var answers = new Answers<B>();
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(method, CallOptions.DEFAULT), request, answers);
    return answers.await();
  }

  private static <T> T one(List<T> answers) {
    return answers.getFirst();
  }

  private static final class Answers<T> implements StreamObserver<T> {
    private final List<T> all = new ArrayList<>();
    private final CompletableFuture<List<T>> done = new CompletableFuture<>();

    @Override
    public void onNext(T value) {
      all.add(value);
    }

    @Override
    public void onError(Throwable error) {
      done.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      done.complete(all);
    }

    List<T> await() throws Exception {
      return done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() throws Exception {
    channel.shutdownNow();
    login.client().close();
  }
}
