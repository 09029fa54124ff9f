package dev.sheaf.compute.copy.parquet;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.codec.Compression;
import dev.sheaf.columnar.codec.LittleEndian;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.copy.parquet.ParquetType.Storage;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One column of the row group that is being gathered: finished pages, compressed, and the values of
 * the open one.
 *
 * <pre>
 * chunk: | dictionary page, if any | data page | ... |
 * page:  | PageHeader | zstd frame of its content |
 * content of a data page:
 *   | length i32 | HybridRuns of 1 bit: 1 = there is a value, 0 = NULL | values |
 * values: plain, or | width u8 | HybridRuns of numbers of dictionary entries |
 * content of the dictionary page: its values, plain
 * </pre>
 *
 * A dictionary that runs full, or hardly saves anything on the first page, is used no further. Used
 * by one thread.
 */
final class ColumnChunk {
  private static final int PAGE_ROWS = 1 << 15;
  private static final int PAGE_BYTES = 1 << 20;

  /** Parquet's numbers of kinds of pages, and of encodings. */
  private static final int DATA_PAGE = 0;

  private static final int DICTIONARY_PAGE = 2;
  static final int PLAIN = 0;
  static final int RLE = 3;
  static final int RLE_DICTIONARY = 8;

  private final ParquetType type;
  private final ByteSink pages = new ByteSink(1 << 12);
  private final ByteSink plain = new ByteSink(1 << 12);
  private final ByteSink scratch = new ByteSink(1 << 5);

  /** Of the open page's rows: 1, or 0 for NULL. */
  private int[] present = new int[64];

  /** Of the open page's values: numbers of dictionary entries, or BOOLEANs. */
  private int[] numbers = new int[64];

  private @Nullable ValueDictionary dictionary;

  /** Whether values of the open page go to the dictionary. */
  private boolean coding;

  private int pageRows;
  private int pageValues;
  private long rows;
  private long nulls;
  private long least = Long.MAX_VALUE;
  private long greatest = Long.MIN_VALUE;
  private long plainBytes;

  ColumnChunk(ParquetType type) {
    this.type = type;
    this.coding = type.storage() != Storage.BOOLEAN;
    this.dictionary = coding ? new ValueDictionary() : null;
  }

  /**
   * A chunk as it goes into the file.
   *
   * @param dictionary the dictionary page, empty if there is none
   * @param plainBytes of all pages before compression, with headers
   */
  record Finished(
      ParquetType type,
      ByteSink dictionary,
      ByteSink pages,
      long rows,
      long nulls,
      long least,
      long greatest,
      long plainBytes) {
    long bytes() {
      return (long) dictionary.size() + pages.size();
    }
  }

  /** Appends the batch's rows. */
  void append(Vec vec, Batch batch) {
    for (int i = 0; i < batch.selected(); i++) {
      append(vec, batch.row(i));
    }
  }

  private void append(Vec vec, int row) {
    if (pageRows == present.length) {
      present = Arrays.copyOf(present, 2 * pageRows);
      numbers = Arrays.copyOf(numbers, 2 * pageRows);
    }
    boolean isNull = vec.isNull(row);
    present[pageRows++] = isNull ? 0 : 1;
    if (isNull) {
      nulls++;
    } else {
      value(vec, row);
    }
    if (pageRows == PAGE_ROWS || plain.size() >= PAGE_BYTES) {
      endPage();
    }
  }

  private void value(Vec vec, int row) {
    if (vec instanceof Vec.BoolVec bools) {
      numbers[pageValues++] = bools.values()[row];
      return;
    }
    if (vec instanceof Vec.IntVec ints) {
      range(ints.values()[row]);
    } else if (vec instanceof Vec.LongVec longs) {
      range(longs.values()[row]);
    }
    type.encode(vec, row, scratch);
    if (coding && dictionary != null) {
      int number = dictionary.add(scratch.array(), 0, scratch.size());
      if (number != ValueDictionary.FULL) {
        numbers[pageValues++] = number;
        return;
      }
      stopCoding(dictionary);
    }
    type.put(scratch.array(), 0, scratch.size(), plain);
    pageValues++;
  }

  private void range(long value) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }

  /** The open page's values become plain ones, as those of all later pages. */
  private void stopCoding(ValueDictionary entries) {
    for (int i = 0; i < pageValues; i++) {
      entries.put(numbers[i], type, plain);
    }
    coding = false;
    if (rows == 0) {
      dictionary = null;
    }
  }

  private void endPage() {
    boolean hardlySaves =
        rows == 0 && dictionary != null && 2 * (long) dictionary.size() > pageValues;
    if (coding && dictionary != null && hardlySaves) {
      stopCoding(dictionary);
    }
    var content = new ByteSink(plain.size() + 64);
    int length = content.reserve(4);
    HybridRuns.encode(present, pageRows, 1, content);
    LittleEndian.putInt(content.array(), length, content.size() - length - 4);
    int encoding = values(content);
    page(DATA_PAGE, content, pageRows, encoding, pages);
    rows += pageRows;
    pageRows = 0;
    pageValues = 0;
    plain.truncate(0);
  }

  /** Appends the open page's values; returns their encoding. */
  private int values(ByteSink content) {
    if (type.storage() == Storage.BOOLEAN) {
      for (int i = 0; i < pageValues; i += Byte.SIZE) {
        int bits = 0;
        for (int j = 0; j < Byte.SIZE && i + j < pageValues; j++) {
          bits |= numbers[i + j] << j;
        }
        content.putByte(bits);
      }
      return PLAIN;
    }
    if (coding && dictionary != null && dictionary.size() > 0) {
      int width = HybridRuns.widthOf(dictionary.size() - 1);
      content.putByte(width);
      HybridRuns.encode(numbers, pageValues, width, content);
      return RLE_DICTIONARY;
    }
    content.putBytes(plain.array(), 0, plain.size());
    return PLAIN;
  }

  private void page(int kind, ByteSink content, int values, int encoding, ByteSink out) {
    byte[] frame = Compression.compress(content.array(), 0, content.size());
    var crc = new CRC32();
    crc.update(frame);
    int before = out.size();
    var header = new ThriftWriter(out);
    header.i32(1, kind);
    header.i32(2, content.size());
    header.i32(3, frame.length);
    header.i32(4, (int) crc.getValue());
    header.struct(kind == DATA_PAGE ? 5 : 7);
    header.i32(1, values);
    header.i32(2, encoding);
    if (kind == DATA_PAGE) {
      header.i32(3, RLE);
      header.i32(4, RLE);
    }
    header.end();
    header.end();
    plainBytes += out.size() - before + (long) content.size();
    out.putBytes(frame, 0, frame.length);
  }

  Finished finish() {
    if (pageRows > 0 || rows == 0) {
      endPage();
    }
    var first = new ByteSink(64);
    if (dictionary != null && dictionary.size() > 0) {
      var content = new ByteSink(1 << 10);
      for (int entry = 0; entry < dictionary.size(); entry++) {
        dictionary.put(entry, type, content);
      }
      page(DICTIONARY_PAGE, content, dictionary.size(), PLAIN, first);
    }
    return new Finished(type, first, pages, rows, nulls, least, greatest, plainBytes);
  }

  /** Memory held, roughly. */
  long sizeBytes() {
    return pages.array().length
        + plain.array().length
        + 8L * present.length
        + (dictionary == null ? 0 : dictionary.sizeBytes());
  }
}
