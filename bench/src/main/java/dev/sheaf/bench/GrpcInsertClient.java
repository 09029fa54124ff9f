package dev.sheaf.bench;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The same messages as {@link FlightInsertClient} sends, over plain gRPC: no loop that waits for
 * the stream, and the batch of parameters encoded once, with the id put into its place for each
 * execution. What a client costs that does no more than it must.
 */
final class GrpcInsertClient implements InsertClient {
  private static final int ID_MARK_BYTES = 8;
  private static final long ID_MARK = 0x5EAF_0000_BE7C_1234L;

  private final GrpcSqlClient client;
  private final GrpcSqlClient.Statement insert;
  private String payload = "";
  private FlightData template = FlightData.getDefaultInstance();
  private int idOffset;

  GrpcInsertClient(BufferAllocator allocator, String host, int port, String database)
      throws Exception {
    this.client = new GrpcSqlClient(allocator, host, port, database);
    this.insert = client.prepare("INSERT INTO kv VALUES (?, ?)");
  }

  /** Encodes a batch of one row once, with a mark where its id goes. */
  private void encode(String newPayload) throws Exception {
    template = insert.row(ID_MARK, newPayload);
    payload = newPayload;
    ByteBuffer body = littleEndian(template.getDataBody().toByteArray());
    idOffset = 0;
    while (body.getLong(idOffset) != ID_MARK) {
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
    byte[] row = template.getDataBody().toByteArray();
    ByteBuffer unused = littleEndian(row).putLong(idOffset, id);
    if (insert.update(template.toBuilder().setDataBody(ByteString.copyFrom(row)).build()) != 1) {
      throw new IllegalStateException("the insert changed nothing");
    }
  }

  @Override
  public void close() throws Exception {
    client.close();
  }
}
