package dev.sheaf.control.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.control.inspect.Inspections;
import dev.sheaf.control.registry.DatabaseRecord;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * What a check answers: one JSON object a line, while it goes on. {@code progress} each second or
 * so, a {@code finding} as it is found, at the end {@code result} or {@code problem}. An answer
 * without either was cut off. Used by one thread at a time.
 */
public final class CheckAnswer implements CheckListener {
  private static final long TIMEOUT_MILLIS = TimeUnit.HOURS.toMillis(24);

  private final OutputStream out;
  private final ObjectMapper json;

  /**
   * @param out what it throws ends the check
   */
  public CheckAnswer(OutputStream out, ObjectMapper json) {
    this.out = out;
    this.json = json;
  }

  /**
   * Checks all that a database has stored.
   *
   * @return whether all of it was looked at and is sound
   * @throws IOException the lines cannot be written
   */
  public boolean check(Inspections inspections, DatabaseRecord database) throws IOException {
    try {
      Deadline deadline = Deadline.after(System.nanoTime(), TIMEOUT_MILLIS);
      Checked checked = inspections.check(database, this, deadline);
      write(CheckLine.result(checked));
      return checked.findings() == 0;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (SheafException e) {
      refuse(e);
      return false;
    }
  }

  /** Says why there is no check, or no more of it. */
  public void refuse(SheafException why) {
    write(CheckLine.problem(Problem.of(why)));
  }

  @Override
  public void progress(Checked soFar) {
    write(CheckLine.progress(soFar));
  }

  @Override
  public void found(Finding finding) {
    write(CheckLine.finding(finding));
  }

  private void write(CheckLine line) {
    try {
      out.write((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException("nobody hears the answer of a check any more", e);
    }
  }
}
