package dev.sheaf.pageserver.segment;

import dev.sheaf.columnar.segment.BlockCache;
import dev.sheaf.columnar.segment.SegmentReader;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.Segments;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Writes segments through a scratch folder and reads them through the block cache. Thread-safe. */
public final class SegmentStore {
  private final ObjectStore objects;
  private final Segments segments;
  private final Path scratch;
  private final AtomicLong drafts = new AtomicLong();

  /**
   * @param scratch a folder of this process alone; what is in it may be lost at any time
   */
  public SegmentStore(ObjectStore objects, BlockCache cache, Path scratch) {
    this(objects, new Segments(new StoredRanges(objects), cache), scratch);
  }

  /**
   * As {@link #SegmentStore(ObjectStore, BlockCache, Path)}, over open segments that are shared.
   */
  public SegmentStore(ObjectStore objects, Segments segments, Path scratch) {
    this.objects = objects;
    this.segments = segments;
    this.scratch = scratch;
    try {
      Files.createDirectories(scratch);
      deleteLeftOvers(scratch);
    } catch (IOException e) {
      throw new SheafException(ErrorCode.IO_ERROR, "cannot create the folder " + scratch, e);
    }
  }

  /** Drafts of a process that died. */
  private static void deleteLeftOvers(Path scratch) throws IOException {
    try (var files = Files.newDirectoryStream(scratch, "segment-*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  /** XX001 if the object is absent, truncated or fails its checks. */
  public SegmentReader open(SegmentMeta meta) {
    return segments.open(meta.objectKey(), meta.sizeBytes());
  }

  /** Begins a segment on the local disk. */
  public SegmentDraft draft(List<SegmentColumn> columns, boolean withTimestamps) {
    Path file = scratch.resolve("segment-" + drafts.incrementAndGet());
    return new SegmentDraft(objects, file, columns, withTimestamps);
  }

  /** Copies a segment to the local disk, to be read once, from end to end. */
  public SegmentCopy copy(SegmentMeta meta) {
    Path file = scratch.resolve("segment-" + drafts.incrementAndGet());
    return SegmentCopy.fetch(objects, meta.objectKey(), meta.sizeBytes(), file);
  }

  /** Deletes a segment that no log record and no manifest names. */
  public void discard(String objectKey) {
    objects.delete(objectKey);
  }
}
