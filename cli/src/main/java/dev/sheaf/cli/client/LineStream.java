package dev.sheaf.cli.client;

import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an answer that comes piece by piece, with a limit to how long it may be silent: the
 * client of the JDK has none once the headers are there. Used by one thread; closing it hangs up.
 */
final class LineStream implements AutoCloseable {
  private static final int LINES_AHEAD = 64;

  private final InputStream in;
  private final Duration silence;

  /** Empty: the end. */
  private final BlockingQueue<Optional<String>> lines = new ArrayBlockingQueue<>(LINES_AHEAD);

  private final Thread reader;

  LineStream(InputStream in, Duration silence) {
    this.in = in;
    this.silence = silence;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try {
      readLines();
      lines.put(Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readLines() throws InterruptedException {
    try (var text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        lines.put(Optional.of(line));
      }
    } catch (IOException e) {
      // Cut off: whoever reads notices that the last line is missing.
    }
  }

  /** Null at the end, however it came about. */
  @Nullable String next() {
    Optional<String> line;
    try {
      line = lines.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.FAILED, "interrupted", null);
    }
    if (line == null) {
      throw new CliException(
          ExitCode.FAILED, "the server has been silent for " + silence.toSeconds() + " s", null);
    }
    return line.orElse(null);
  }

  /** All that is left, as one text. */
  String rest() {
    var text = new StringBuilder();
    for (String line = next(); line != null; line = next()) {
      text.append(line).append('\n');
    }
    return text.toString();
  }

  @Override
  public void close() {
    reader.interrupt();
    try {
      in.close();
    } catch (IOException e) {
      // Nothing more was wanted from it.
    }
  }
}
