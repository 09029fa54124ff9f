package dev.sheaf.columnar.segment;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.IntegerStream;
import dev.sheaf.columnar.codec.IntegerStream.Access;
import dev.sheaf.columnar.segment.SegmentReader.SegmentColumn;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * BYTES: each row group with a dictionary of its own when values repeat enough, else plain.
 *
 * <p>A group begins as codes. When the dictionary grows past what can pay, the codes so far are
 * replayed as plain values and the rest of the group is plain.
 */
final class BytesColumnWriter extends ColumnWriter {
  /** Checked once this many rows are in: a column of distinct values is recognised early. */
  private static final int FIRST_CHECK_ROWS = Page.ROWS;

  private static final int NULL_CODE = -1;

  private final DictionaryBuilder dictionary = new DictionaryBuilder();
  private final ByteSink data = new ByteSink(1024);
  private final long[] lengths = new long[Page.ROWS];
  private final NullMask mask = new NullMask();
  private final BytesZone zone = new BytesZone();

  /** Codes of the group so far, while {@code coded}. */
  private int[] codes = new int[256];

  private boolean coded = true;
  private int groupRows;
  private long groupDataBytes;
  private int groupNulls;

  /** Rows of the plain page under construction. */
  private int rows;

  BytesColumnWriter(SegmentColumn column, Path file) {
    super(column, file);
  }

  @Override
  void append(Vec vec, int @Nullable [] selection, int from, int to) {
    if (!(vec instanceof BytesVec bytes)) {
      throw wrongType(vec);
    }
    for (int i = from; i < to; i++) {
      int row = row(selection, i);
      if (bytes.isNull(row)) {
        addNull();
      } else {
        add(bytes.data(), bytes.start()[row], bytes.length()[row]);
      }
    }
  }

  private void addNull() {
    groupNulls++;
    if (coded) {
      addCode(NULL_CODE);
    } else {
      addPlainNull();
    }
    groupRows++;
  }

  private void add(byte[] bytes, int start, int length) {
    groupDataBytes += length;
    if (coded) {
      boolean hopeless =
          groupRows == FIRST_CHECK_ROWS && dictionary.size() > (groupRows - groupNulls) / 4 * 3;
      int code = hopeless ? -1 : dictionary.code(bytes, start, length);
      if (code >= 0) {
        addCode(code);
        groupRows++;
        return;
      }
      replayPlain();
    }
    addPlain(bytes, start, length);
    groupRows++;
  }

  private void addCode(int code) {
    if (groupRows == codes.length) {
      codes = Arrays.copyOf(codes, Math.min(SegmentReader.ROW_GROUP_ROWS, 4 * codes.length));
    }
    codes[groupRows] = code;
  }

  private void replayPlain() {
    coded = false;
    for (int i = 0; i < groupRows; i++) {
      int code = codes[i];
      if (code == NULL_CODE) {
        addPlainNull();
      } else {
        addPlain(dictionary.data(), dictionary.start(code), dictionary.length(code));
      }
    }
  }

  private void addPlain(byte[] bytes, int start, int length) {
    zone.add(bytes, start, length);
    mask.setPresent(rows);
    lengths[rows] = length;
    data.putBytes(bytes, start, length);
    endPlainRow();
  }

  private void addPlainNull() {
    mask.setNull(rows);
    lengths[rows] = 0;
    endPlainRow();
  }

  private void endPlainRow() {
    if (++rows == Page.ROWS || data.size() >= BytesPage.TARGET_DATA_BYTES) {
      flushPlain();
    }
  }

  private void flushPlain() {
    mask.writeHead(Page.BYTES, rows, page);
    if (mask.nulls() < rows) {
      int bodyAt = page.size();
      BytesPage.write(lengths, rows, data, page);
      compressBody(bodyAt);
    }
    emit(rows);
    data.truncate(0);
    mask.clear();
    rows = 0;
  }

  @Override
  void endGroup() {
    if (coded && !dictionaryPays()) {
      replayPlain();
    }
    boolean hasDictionary = coded;
    if (hasDictionary) {
      writeCodes(writeDictionary());
    } else if (rows > 0) {
      flushPlain();
    }
    block(zone.take(groupNulls), hasDictionary);
    dictionary.clear();
    coded = true;
    groupRows = 0;
    groupDataBytes = 0;
    groupNulls = 0;
  }

  private boolean dictionaryPays() {
    int codeBits = 32 - Integer.numberOfLeadingZeros(Math.max(1, dictionary.size() - 1));
    long codedBytes =
        dictionary.dataBytes() + 2L * dictionary.size() + (long) groupRows * codeBits / 8;
    return dictionary.size() > 0
        && dictionary.size() <= (groupRows - groupNulls) / 2
        && codedBytes < groupDataBytes + groupRows / 2;
  }

  /**
   * Writes the dictionary in ascending order, front-coded if that is clearly smaller.
   *
   * @return the place of each entry
   */
  private int[] writeDictionary() {
    int[] order = dictionary.ascending();
    int[] rank = new int[order.length];
    long[] entryLengths = new long[order.length];
    for (int place = 0; place < order.length; place++) {
      int entry = order[place];
      rank[entry] = place;
      entryLengths[place] = dictionary.length(entry);
      data.putBytes(dictionary.data(), dictionary.start(entry), dictionary.length(entry));
      zone.add(dictionary.data(), dictionary.start(entry), dictionary.length(entry));
    }
    page.putByte(Page.BYTES);
    BytesPage.write(entryLengths, entryLengths.length, data, page);
    compressBody(1);
    byte[] plain = Arrays.copyOf(page.array(), page.size());
    page.truncate(0);
    page.putByte(Page.PREFIXED);
    PrefixedPage.write(entryLengths, data.array(), page);
    compressBody(1);
    if (page.size() > plain.length - plain.length / 8) {
      page.truncate(0);
      page.putBytes(plain, 0, plain.length);
    }
    emit(entryLengths.length);
    data.truncate(0);
    return rank;
  }

  private void writeCodes(int[] rank) {
    for (int from = 0; from < groupRows; from += Page.ROWS) {
      int count = Math.min(Page.ROWS, groupRows - from);
      for (int i = 0; i < count; i++) {
        int code = codes[from + i];
        if (code == NULL_CODE) {
          mask.setNull(i);
          lengths[i] = 0;
        } else {
          mask.setPresent(i);
          lengths[i] = rank[code];
        }
      }
      mask.fill(lengths, count);
      mask.writeHead(Page.CODES, count, page);
      if (mask.nulls() < count) {
        IntegerStream.encode(lengths, count, Access.RANDOM, page);
      }
      emit(count);
      mask.clear();
    }
  }
}
