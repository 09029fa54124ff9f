package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import org.jspecify.annotations.Nullable;

/** All streams of a prepared operator as one, each opened when the one before has ended. */
final class Concatenation implements BatchSource {
  private final Operator input;
  private int nextStream;
  private @Nullable BatchSource current;

  Concatenation(Operator input) {
    this.input = input;
  }

  @Override
  public @Nullable Batch next() {
    while (true) {
      BatchSource source = current;
      if (source == null) {
        if (nextStream == input.width()) {
          return null;
        }
        source = input.stream(nextStream++);
        current = source;
      }
      Batch batch = source.next();
      if (batch != null) {
        return batch;
      }
      close();
    }
  }

  @Override
  public void close() {
    BatchSource source = current;
    current = null;
    if (source != null) {
      source.close();
    }
  }
}
