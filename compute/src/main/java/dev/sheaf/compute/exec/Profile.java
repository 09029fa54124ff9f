package dev.sheaf.compute.exec;

import dev.sheaf.compute.plan.PlanNode;
import dev.sheaf.compute.storage.StatementStorage.ScanStatistics;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Figures of each plan node during one execution. Thread-safe. */
public final class Profile {
  private final Map<PlanNode, Figures> byNode =
      Collections.synchronizedMap(new IdentityHashMap<>());

  /** The node's figures, created on first use. */
  public Figures of(PlanNode node) {
    return byNode.computeIfAbsent(node, n -> new Figures());
  }

  /** Time is the node's own work summed over workers; memory its peak reservation. */
  public static final class Figures {
    public final LongAdder rows = new LongAdder();
    public final LongAdder nanos = new LongAdder();
    public final LongAdder bytesRead = new LongAdder();
    public final LongAdder memoryBytes = new LongAdder();
    public final LongAdder spilledBytes = new LongAdder();
    public final LongAdder segments = new LongAdder();
    public final LongAdder segmentsSkipped = new LongAdder();
    public final LongAdder freshRows = new LongAdder();

    void add(ScanStatistics scan) {
      bytesRead.add(scan.bytesRead());
      segments.add(scan.segments());
      segmentsSkipped.add(scan.segmentsSkipped());
      freshRows.add(scan.freshRows());
    }
  }
}
