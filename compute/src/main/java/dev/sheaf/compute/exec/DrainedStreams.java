package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import java.util.function.Consumer;

/** Pulls streams to their end. */
final class DrainedStreams {
  private DrainedStreams() {}

  /** Feeds every batch that is not empty of one stream to the consumer. */
  static void drain(Operator input, int stream, Execution execution, Consumer<Batch> consumer) {
    try (var source = input.stream(stream)) {
      for (Batch batch = source.next(); batch != null; batch = source.next()) {
        execution.check();
        if (!batch.isEmpty()) {
          consumer.accept(batch);
        }
      }
    }
  }
}
