package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.rpc.shard.ShardService;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import dev.sheaf.testkit.shard.ShardServiceContract;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract in process. */
final class PageServerContractTest extends ShardServiceContract {
  @TempDir Path scratch;
  private Harness harness;
  private PageServer server;

  @BeforeEach
  void start() {
    harness = new Harness(scratch);
    server = harness.start(Harness.ROOMY);
  }

  @Override
  protected ShardService service() {
    return server;
  }

  @Override
  protected SegmentReader open(SegmentView segment) {
    return harness.segments.open(segment.objectKey(), segment.sizeBytes());
  }
}
