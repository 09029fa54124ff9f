package dev.sheaf.pageserver.serve;

import static dev.sheaf.pageserver.serve.Harness.SHARD;
import static dev.sheaf.pageserver.serve.Harness.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.pageserver.PageServerConfig;
import dev.sheaf.pageserver.compact.CompactionSettings;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.Deadline;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rows that were superseded stay where they are while others come, and go when none come. */
final class CompactionAtRestTest extends EagerShard {
  private static final long IDLE_MILLIS = 60_000;
  private static final PageServerConfig RESTFUL =
      new PageServerConfig(
          1L << 30,
          4L << 30,
          4096,
          2,
          1L << 20,
          10 * IDLE_MILLIS,
          IDLE_MILLIS,
          0,
          new CompactionSettings(4, 8, 1 << 20, 1 << 20, 1, 1, 0.3, 0.3, 4, 1));

  @Test
  void scansOfAShardAtRestMeetFewSupersededRows() {
    harness = new Harness(scratch);
    server = harness.start(RESTFUL);
    put(0, 100, 1);
    flush();
    List<String> loaded = keys();
    put(0, 20, 2);
    flush();
    server.maintain();
    server.compact(SHARD, soon());
    assertThat(keys()).as("a fifth is not enough").containsAll(loaded);

    harness.aheadNanos += TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS);
    server.maintain();
    Deadline deadline = soon();
    while (keys().stream().anyMatch(loaded::contains)) {
      deadline.check(System.nanoTime());
      Waiting.pause(1);
    }
    List<String> rested = keys();
    server.maintain();
    server.compact(SHARD, Deadline.after(System.nanoTime() + harness.aheadNanos, IDLE_MILLIS));
    assertThat(keys()).as("it has come to an end").isEqualTo(rested);
    harness.aheadNanos = 0;
    check();
  }

  private List<String> keys() {
    return newest().segments().stream().map(SegmentMeta::objectKey).toList();
  }
}
