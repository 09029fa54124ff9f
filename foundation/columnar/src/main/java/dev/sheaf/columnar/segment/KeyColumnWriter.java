package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteHash;
import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.type.PhysicalType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The key column: front-coded pages, their fences, and the hashes for the bloom filter. */
final class KeyColumnWriter extends ColumnWriter {
  private final BloomWriter bloom;
  private final ByteSink entries = new ByteSink(1024);
  private final int[] restarts = new int[KeyPage.restarts(KeyPage.ROWS)];
  private final List<byte[]> fences = new ArrayList<>();
  private final BytesZone zone = new BytesZone();
  private byte[] last = new byte[64];
  private int lastLength;
  private boolean any;
  private int rows;
  private int rawLength;

  KeyColumnWriter(Path file, BloomWriter bloom) {
    super(new SegmentColumn(SegmentReader.KEY_COLUMN, PhysicalType.BYTES), file);
    this.bloom = bloom;
  }

  @Override
  void append(Vec vec, int @Nullable [] selection, int from, int to) {
    if (!(vec instanceof BytesVec keys)) {
      throw wrongType(vec);
    }
    for (int i = from; i < to; i++) {
      int row = row(selection, i);
      add(keys, row);
    }
  }

  /**
   * Appends one key.
   *
   * @return whether it equals the one before
   */
  boolean add(BytesVec keys, int row) {
    if (keys.isNull(row)) {
      throw SegmentErrors.misuse("the key of a row is NULL");
    }
    byte[] data = keys.data();
    int start = keys.start()[row];
    int length = keys.length()[row];
    int shared = sharedWithLast(data, start, length);
    boolean repeated = any && shared == length && shared == lastLength;
    if (!repeated && any && !ascends(data, start, length, shared)) {
      throw SegmentErrors.misuse("rows of a segment must ascend by key");
    }
    if (!repeated) {
      bloom.add(ByteHash.of(data, start, length));
      remember(data, start, length);
      any = true;
    }
    addEntry(data, start, length, shared);
    return repeated;
  }

  private int sharedWithLast(byte[] data, int start, int length) {
    int mismatch = Arrays.mismatch(data, start, start + length, last, 0, lastLength);
    return mismatch < 0 ? length : mismatch;
  }

  private boolean ascends(byte[] data, int start, int length, int shared) {
    return shared == lastLength
        || (shared < length && (data[start + shared] & 0xFF) > (last[shared] & 0xFF));
  }

  private void remember(byte[] data, int start, int length) {
    if (length > last.length) {
      last = new byte[2 * length];
    }
    System.arraycopy(data, start, last, 0, length);
    lastLength = length;
  }

  private void addEntry(byte[] data, int start, int length, int sharedWithLast) {
    int shared = sharedWithLast;
    if (rows == 0) {
      fences.add(Arrays.copyOfRange(data, start, start + length));
      zone.add(data, start, length);
    }
    if (rows % KeyPage.RESTART_INTERVAL == 0) {
      restarts[rows / KeyPage.RESTART_INTERVAL] = entries.size();
      shared = 0;
    }
    entries.putVarint(shared);
    entries.putVarint(length - shared);
    entries.putBytes(data, start + shared, length - shared);
    rawLength += length;
    if (++rows == KeyPage.ROWS || rawLength >= BytesPage.TARGET_DATA_BYTES) {
      flush();
    }
  }

  private void flush() {
    page.putByte(Page.KEYS);
    int bodyAt = page.size();
    page.putShort(rows);
    page.putInt(rawLength);
    for (int i = 0; i < KeyPage.restarts(rows); i++) {
      page.putInt(restarts[i]);
    }
    page.putBytes(entries.array(), 0, entries.size());
    compressBody(bodyAt);
    emit(rows);
    bloom.endKeyPage(rows);
    zone.add(last, 0, lastLength);
    entries.truncate(0);
    rows = 0;
    rawLength = 0;
  }

  @Override
  void endGroup() {
    if (rows > 0) {
      flush();
    }
    block(zone.take(0), false);
  }

  /** The first key of each page. */
  List<byte[]> fences() {
    return fences;
  }

  byte[] firstKey() {
    return fences.isEmpty() ? new byte[0] : fences.get(0);
  }

  byte[] lastKey() {
    return Arrays.copyOf(last, lastLength);
  }
}
