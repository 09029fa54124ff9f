package dev.sheaf.flightsql.stream;

import dev.sheaf.columnar.arrow.ArrowReader;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The batches that a client sends with a DoPut, checked and copied to the heap. Errors: those of
 * {@link ArrowReader}; 22P03 if the stream itself is broken; 57014 if the client falls silent. Not
 * thread-safe; the Flight stream stays with the caller.
 */
public final class IncomingBatches implements BatchSource {
  private final FlightStream stream;
  private final ArrowReader reader;
  private final Patience patience;
  private final Queue<Batch> ready = new ArrayDeque<>();

  private IncomingBatches(FlightStream stream, ArrowReader reader, Patience patience) {
    this.stream = stream;
    this.reader = reader;
    this.patience = patience;
  }

  /** The columns as the client has them. */
  public static IncomingBatches natural(FlightStream stream, Patience patience) {
    Schema schema = schema(stream, patience);
    return new IncomingBatches(
        stream, ArrowReader.natural(schema, stream.getDictionaryProvider()), patience);
  }

  /** The columns converted to a statement's parameters. */
  public static IncomingBatches casting(
      FlightStream stream, List<Field> targets, Patience patience) {
    Schema schema = schema(stream, patience);
    return new IncomingBatches(
        stream, ArrowReader.casting(schema, stream.getDictionaryProvider(), targets), patience);
  }

  private static Schema schema(FlightStream stream, Patience patience) {
    return patience.await("the schema of a stream", stream::getSchema);
  }

  /** Names and types of the columns. */
  public List<Field> fields() {
    return reader.fields();
  }

  @Override
  public @Nullable Batch next() {
    while (ready.isEmpty()) {
      if (!advance()) {
        return null;
      }
      VectorSchemaRoot root = stream.getRoot();
      ready.addAll(reader.readBatches(root));
    }
    return ready.remove();
  }

  /** All rows of the next message as one batch, even if there are none; null at the end. */
  public @Nullable Batch nextMessage() {
    return advance() ? reader.readAll(stream.getRoot()) : null;
  }

  private boolean advance() {
    try {
      return patience.await("the next batch of a stream", stream::next);
    } catch (SheafException | FlightRuntimeException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new SheafException(
              ErrorCode.INVALID_BINARY_REPRESENTATION, "the record batch cannot be read", e)
          .withHint("Send uncompressed batches that match the stream's schema.");
    }
  }

  @Override
  public void close() {}
}
