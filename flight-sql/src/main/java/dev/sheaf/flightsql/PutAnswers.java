package dev.sheaf.flightsql;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutPreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.DoPutUpdateResult;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** Answers to DoPut: a message in the application metadata, then the end. Thread-safe. */
final class PutAnswers {
  private final BufferAllocator allocator;

  PutAnswers(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** The number of rows changed. */
  void count(StreamListener<PutResult> listener, long rows) {
    answer(listener, DoPutUpdateResult.newBuilder().setRecordCount(rows).build());
  }

  /** The handle under which the bound statement goes on. */
  void bound(StreamListener<PutResult> listener, ByteString handle) {
    answer(
        listener,
        DoPutPreparedStatementResult.newBuilder().setPreparedStatementHandle(handle).build());
  }

  private void answer(StreamListener<PutResult> listener, MessageLite message) {
    byte[] bytes = message.toByteArray();
    try (ArrowBuf buffer = allocator.buffer(bytes.length)) {
      buffer.writeBytes(bytes);
      listener.onNext(PutResult.metadata(buffer));
    }
    listener.onCompleted();
  }
}
