package dev.sheaf.pageserver.compact;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.ReadableTimes;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.segment.SegmentStore;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Does compaction jobs: merges the inputs' rows by key and time, drops the ones that no readable
 * timestamp sees, writes live rows and history to segments of their own. Rows keep their
 * timestamps, and the time since which they are superseded.
 *
 * <p>Needs memory for a page of each input and of two outputs, with their pages in the cache: some
 * 2 MiB for each input, so 40 MiB for sixteen; the delete vectors of the outputs (12 bytes for each
 * superseded row); on the local disk, the inputs and two segments. Thread-safe.
 */
public final class CompactionRun {
  private final SegmentStore store;
  private final CompactionSettings settings;
  private final Supplier<String> objectKeys;
  private final BooleanSupplier canceled;

  /**
   * @param objectKeys a new segment's key at each call
   * @param canceled asked now and then: ends a job with 57P03
   */
  public CompactionRun(
      SegmentStore store,
      CompactionSettings settings,
      Supplier<String> objectKeys,
      BooleanSupplier canceled) {
    this.store = store;
    this.settings = settings;
    this.objectKeys = objectKeys;
    this.canceled = canceled;
  }

  /**
   * Reads and uploads; changes nothing that can be seen. What it uploaded is deleted again when it
   * fails.
   *
   * @param inputs of one table and one set of columns
   */
  public Compacted run(List<LiveSegment> inputs, ReadableTimes readable) {
    var uploaded = new LinkedHashMap<SegmentMeta, DeleteVector>();
    var rows = new ArrayList<MergeInput>();
    try {
      for (LiveSegment input : inputs) {
        checkWanted();
        rows.add(new MergeInput(input, store.copy(input.meta())));
      }
      merge(inputs.getFirst().meta().tableId(), rows, readable, uploaded);
    } catch (RuntimeException | Error e) {
      discard(uploaded.keySet(), e);
      throw e;
    } finally {
      rows.forEach(MergeInput::close);
    }
    return new Compacted(inputs, uploaded, readable);
  }

  private void merge(
      int tableId,
      List<MergeInput> inputs,
      ReadableTimes readable,
      Map<SegmentMeta, DeleteVector> uploaded) {
    List<SegmentColumn> columns = inputs.getFirst().columns();
    for (MergeInput input : inputs) {
      if (!input.columns().equals(columns)) {
        throw new SheafException(
            ErrorCode.INTERNAL_ERROR,
            "segments of different columns were to be merged: " + columns + input.columns());
      }
    }
    try (MergeOutput live = output(tableId, columns, uploaded);
        MergeOutput history = output(tableId, columns, uploaded)) {
      merge(inputs, readable, live, history);
      live.finish();
      history.finish();
    }
  }

  private MergeOutput output(
      int tableId, List<SegmentColumn> columns, Map<SegmentMeta, DeleteVector> uploaded) {
    return new MergeOutput(store, tableId, columns, settings.segmentBytes(), objectKeys, uploaded);
  }

  /** As long as one input's rows come first they are only chosen; then written together. */
  private void merge(
      List<MergeInput> inputs, ReadableTimes readable, MergeOutput live, MergeOutput history) {
    var queue = new PriorityQueue<MergeInput>();
    inputs.forEach(input -> enqueue(queue, input));
    for (MergeInput first = queue.poll(); first != null; first = queue.poll()) {
      MergeInput second = queue.peek();
      boolean inPage = true;
      // Equal they can be: of a parent's and a branch's row only one exists for the branch.
      while (inPage && (second == null || first.compareTo(second) <= 0)) {
        choose(first, readable, live, history);
        inPage = first.nextRow();
      }
      live.append(first.page(), first.timestamps());
      history.append(first.page(), first.timestamps());
      if (inPage) {
        queue.add(first);
      } else {
        enqueue(queue, first);
      }
    }
  }

  private static void choose(
      MergeInput at, ReadableTimes readable, MergeOutput live, MergeOutput history) {
    long since = at.since();
    if (!at.exists()) {
      return;
    }
    if (since == DeleteVector.NEVER) {
      live.select(at.row(), since);
    } else if (readable.reach(at.timestamps()[at.row()], since)) {
      history.select(at.row(), since);
    }
  }

  private void checkWanted() {
    if (canceled.getAsBoolean()) {
      throw new SheafException(
          ErrorCode.CANNOT_CONNECT_NOW, "the shard is not served here any more");
    }
  }

  @SuppressWarnings("ThreadPriorityCheck")
  private void enqueue(PriorityQueue<MergeInput> queue, MergeInput input) {
    checkWanted();
    // On a virtual thread this is what lets others have the processor.
    Thread.yield();
    if (input.nextPage()) {
      queue.add(input);
    }
  }

  /** Deletes outputs that no manifest names, nor may come to name. */
  public void discard(Compacted done) {
    done.outputs().keySet().forEach(output -> store.discard(output.objectKey()));
  }

  private void discard(Iterable<SegmentMeta> uploaded, Throwable cause) {
    for (SegmentMeta orphan : uploaded) {
      try {
        store.discard(orphan.objectKey());
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
