package dev.sheaf.flightsql.stream;

import dev.sheaf.columnar.arrow.ArrowReader;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Checks the IPC messages of one DoPut before Arrow loads them: first a schema of bounded width and
 * depth, then uncompressed batches whose buffers lie in their body and whose columns are as long as
 * they say. Not thread-safe.
 */
final class IpcCheck {
  private static final int MAX_DEPTH = 16;

  /**
   * No honest message of bounded size holds more; lengths of batches are allocated when believed.
   */
  private static final long MAX_ROWS = 1L << 24;

  private int columns = -1;

  /** Fails with 08P01 for messages out of place, 22P03 for those that contradict themselves. */
  void check(DataFrame frame) {
    Message message = frame.header();
    if (message == null) {
      requireNoBody(frame);
      return;
    }
    if (message.version() != MetadataVersion.V4 && message.version() != MetadataVersion.V5) {
      throw invalid("metadata of an unknown version");
    }
    switch (message.headerType()) {
      case MessageHeader.Schema -> {
        requireNoBody(frame);
        if (columns >= 0) {
          throw misplaced("a second schema");
        }
        columns = schema((Schema) message.header(new Schema()));
      }
      case MessageHeader.RecordBatch ->
          batch((RecordBatch) message.header(new RecordBatch()), frame.bodyBytes(), columns);
      case MessageHeader.DictionaryBatch -> {
        var dictionary = (DictionaryBatch) message.header(new DictionaryBatch());
        if (dictionary == null || dictionary.isDelta()) {
          throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED, "delta dictionaries are not supported");
        }
        batch(dictionary.data(), frame.bodyBytes(), 1);
      }
      default -> throw misplaced("a message that is neither schema nor batch");
    }
  }

  private static void requireNoBody(DataFrame frame) {
    if (frame.bodyBytes() > 0) {
      throw misplaced("a body without a batch");
    }
  }

  private static int schema(@Nullable Schema schema) {
    if (schema == null) {
      throw invalid("an empty schema");
    }
    if (schema.fieldsLength() > ArrowReader.MAX_COLUMNS) {
      throw new SheafException(
          ErrorCode.TOO_MANY_COLUMNS,
          "the stream has "
              + schema.fieldsLength()
              + " columns; the limit is "
              + ArrowReader.MAX_COLUMNS);
    }
    for (int i = 0; i < schema.fieldsLength(); i++) {
      depth(schema.fields(i), 1);
    }
    return schema.fieldsLength();
  }

  private static void depth(@Nullable Field field, int depth) {
    if (field == null || depth > MAX_DEPTH || field.childrenLength() > ArrowReader.MAX_COLUMNS) {
      throw invalid("a schema nested too deeply");
    }
    for (int i = 0; i < field.childrenLength(); i++) {
      depth(field.children(i), depth + 1);
    }
  }

  private void batch(@Nullable RecordBatch batch, long bodyBytes, int flatColumns) {
    if (columns < 0) {
      throw misplaced("a batch before the schema");
    }
    if (batch == null || batch.length() < 0 || batch.length() > MAX_ROWS) {
      throw invalid("an impossible number of rows");
    }
    if (batch.compression() != null) {
      throw new SheafException(
              ErrorCode.FEATURE_NOT_SUPPORTED, "compressed batches are not supported")
          .withHint("Send batches without compression.");
    }
    for (int i = 0; i < batch.buffersLength(); i++) {
      Buffer buffer = batch.buffers(i);
      if (buffer == null
          || buffer.offset() < 0
          || buffer.length() < 0
          || buffer.offset() > bodyBytes - buffer.length()) {
        throw invalid("a buffer outside of its body");
      }
    }
    // Columns of columns are as long as they like; they are refused by type later.
    boolean flat = batch.nodesLength() == flatColumns;
    for (int i = 0; i < batch.nodesLength(); i++) {
      var node = batch.nodes(i);
      boolean lies = node == null || (flat && node.length() != batch.length());
      if (lies || node.nullCount() < 0 || node.nullCount() > node.length()) {
        throw invalid("a column that is not as long as its batch");
      }
    }
  }

  private static SheafException misplaced(String what) {
    return new SheafException(
        ErrorCode.PROTOCOL_VIOLATION, "unexpected in a stream of batches: " + what);
  }

  private static SheafException invalid(String what) {
    return new SheafException(
        ErrorCode.INVALID_BINARY_REPRESENTATION, "invalid Arrow data: " + what);
  }
}
