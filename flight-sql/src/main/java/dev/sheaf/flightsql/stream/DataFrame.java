package dev.sheaf.flightsql.stream;

import com.google.protobuf.CodedInputStream;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.arrow.flatbuf.Message;
import org.jspecify.annotations.Nullable;

/**
 * The outline of one FlightData message, found without believing a length in it: Arrow's own parser
 * allocates whatever a message of a few bytes claims, and loses what it has allocated when a later
 * field is broken.
 *
 * <pre>
 * field 1    flight descriptor   protobuf
 * field 2    data header         flatbuffer Message
 * field 3    app metadata        at most 64 KiB
 * field 1000 data body           last
 * </pre>
 *
 * @param header null = none
 * @param bodyBytes length of the body, 0 if there is none
 */
record DataFrame(@Nullable Message header, long bodyBytes) {
  private static final int DESCRIPTOR = 1;
  private static final int HEADER = 2;
  private static final int METADATA = 3;
  private static final int BODY = 1000;
  private static final int LENGTH_DELIMITED = 2;
  private static final int MAX_DESCRIPTOR = 2 << 20;
  private static final int MAX_HEADER = 4 << 20;
  private static final int MAX_METADATA = 64 << 10;

  /** Reads to the end of the stream; fails with 08P01. */
  static DataFrame read(InputStream in) throws IOException {
    Message header = null;
    long bodyBytes = 0;
    int previous = 0;
    while (in.available() > 0) {
      int tag = varint(in);
      int field = tag >>> 3;
      if ((tag & 7) != LENGTH_DELIMITED || field <= previous) {
        throw broken("fields out of order");
      }
      previous = field;
      int length = varint(in);
      if (length < 0 || length > in.available() || length > limit(field)) {
        throw broken("a field of " + Integer.toUnsignedString(length) + " bytes");
      }
      if (field == HEADER) {
        header = Message.getRootAsMessage(ByteBuffer.wrap(in.readNBytes(length)));
      } else {
        in.skipNBytes(length);
      }
      if (field == BODY) {
        bodyBytes = length;
      }
    }
    return new DataFrame(header, bodyBytes);
  }

  private static int limit(int field) {
    return switch (field) {
      case DESCRIPTOR -> MAX_DESCRIPTOR;
      case HEADER -> MAX_HEADER;
      case METADATA -> MAX_METADATA;
      case BODY -> Integer.MAX_VALUE;
      default -> throw broken("an unknown field");
    };
  }

  private static int varint(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      throw broken("it ends too early");
    }
    return CodedInputStream.readRawVarint32(first, in);
  }

  private static SheafException broken(String what) {
    return new SheafException(
        ErrorCode.PROTOCOL_VIOLATION, "the data message is malformed: " + what);
  }
}
