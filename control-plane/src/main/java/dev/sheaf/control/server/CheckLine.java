package dev.sheaf.control.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import org.jspecify.annotations.Nullable;

/**
 * One line of a check's answer: one of its fields is there.
 *
 * @param result the last line of a check that was done, whatever it found
 * @param problem the last line of one that could not be
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record CheckLine(
    @Nullable Counts progress,
    @Nullable Found finding,
    @Nullable Counts result,
    @Nullable Problem problem) {

  /** As {@link Checked}. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Counts(
      long manifests, long objects, long allObjects, long rows, long bytes, long findings) {
    private static Counts of(Checked checked) {
      return new Counts(
          checked.manifests(),
          checked.objects(),
          checked.allObjects(),
          checked.rows(),
          checked.bytes(),
          checked.findings());
    }
  }

  record Found(String object, String what) {}

  static CheckLine progress(Checked soFar) {
    return new CheckLine(Counts.of(soFar), null, null, null);
  }

  static CheckLine finding(Finding finding) {
    return new CheckLine(null, new Found(finding.objectKey(), finding.what()), null, null);
  }

  static CheckLine result(Checked checked) {
    return new CheckLine(null, null, Counts.of(checked), null);
  }

  static CheckLine problem(Problem problem) {
    return new CheckLine(null, null, null, problem);
  }
}
