package dev.sheaf.pageserver.segment;

import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.segment.SegmentSummary;
import dev.sheaf.columnar.segment.SegmentWriter;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A segment that is being written, then uploaded. Closing it leaves no local file. One thread. */
public final class SegmentDraft implements AutoCloseable {
  private final ObjectStore objects;
  private final Path file;
  private final SegmentWriter writer;

  SegmentDraft(
      ObjectStore objects, Path file, List<SegmentColumn> columns, boolean withTimestamps) {
    this.objects = objects;
    this.file = file;
    this.writer = new SegmentWriter(file, columns, withTimestamps);
  }

  /** See {@link SegmentWriter#append}. */
  public void append(Batch rows, long @Nullable [] timestamps) {
    writer.append(rows, timestamps);
  }

  public long rowCount() {
    return writer.rowCount();
  }

  /** So far, somewhat less than the segment will have. */
  public long sizeBytes() {
    return writer.sizeBytes();
  }

  /** Makes the segment durable under the key. */
  public SegmentSummary upload(String objectKey) {
    SegmentSummary summary = writer.finish(objectKey);
    objects.putFile(objectKey, file);
    return summary;
  }

  /** The same, of a segment whose rows have timestamps of their own. */
  public SegmentMeta uploadVersions(String objectKey, int tableId) {
    SegmentSummary summary = upload(objectKey);
    return new SegmentMeta(
        objectKey,
        summary.sizeBytes(),
        summary.rowCount(),
        tableId,
        summary.minKey(),
        summary.maxKey(),
        summary.minTimestamp(),
        summary.maxTimestamp(),
        true);
  }

  @Override
  public void close() {
    writer.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new SheafException(
          ErrorCode.IO_ERROR, "cannot delete " + file, new UncheckedIOException(e));
    }
  }
}
