package dev.sheaf.compute.copy.parquet;

import dev.sheaf.columnar.codec.ByteSink;
import dev.sheaf.columnar.memory.MemoryBudget;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.Field;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a Parquet file of flat columns, all of which may hold NULLs: zstd, dictionaries, checksums
 * of pages, least and greatest of whole numbers.
 *
 * <pre>
 * | PAR1 | row group | ... | FileMetaData | its length i32 LE | PAR1 |
 * row group: one {@link ColumnChunk} for each column
 * </pre>
 *
 * A row group ends at {@link #GROUP_BYTES} or {@link #GROUP_ROWS}. Used by one thread.
 */
public final class ParquetWriter {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT_VERSION = 2;
  private static final int ZSTD = 6;

  /** Memory of the row group being gathered at which it is written. */
  private static final long GROUP_BYTES = 32L << 20;

  private static final long GROUP_ROWS = 1 << 20;

  private final OutputStream out;
  private final List<ParquetType> types;
  private final MemoryBudget memory;
  private final long groupBytes;
  private final List<RowGroup> groups = new ArrayList<>();
  private List<ColumnChunk> chunks;
  private long position;
  private long rows;
  private long groupRows;
  private long held;

  private record RowGroup(List<ChunkMeta> chunks, long rows) {}

  /**
   * What the footer tells of a chunk.
   *
   * @param dictionaryBytes 0 = no dictionary
   */
  private record ChunkMeta(
      ParquetType type,
      long start,
      long dictionaryBytes,
      long bytes,
      long plainBytes,
      long rows,
      long nulls,
      long least,
      long greatest) {}

  private ParquetWriter(
      OutputStream out, List<ParquetType> types, MemoryBudget memory, long groupBytes) {
    this.out = out;
    this.types = types;
    this.memory = memory;
    this.groupBytes = groupBytes;
    this.chunks = freshChunks();
  }

  /**
   * Writes all rows.
   *
   * @param path an existing file, overwritten
   * @param application who says to have written it
   * @param memory what is gathered is charged to it
   * @return rows written
   */
  public static long write(
      Path path, List<Field> fields, BatchSource rows, String application, MemoryBudget memory)
      throws IOException {
    return write(path, fields, rows, application, memory, GROUP_BYTES);
  }

  static long write(
      Path path,
      List<Field> fields,
      BatchSource rows,
      String application,
      MemoryBudget memory,
      long groupBytes)
      throws IOException {
    requireNames(fields);
    List<ParquetType> types = fields.stream().map(ParquetType::of).toList();
    try (var out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)) {
      var writer = new ParquetWriter(out, types, memory, groupBytes);
      try {
        return writer.write(rows, application);
      } finally {
        writer.charge(0);
      }
    }
  }

  private static void requireNames(List<Field> fields) {
    Set<String> names = new HashSet<>();
    for (Field field : fields) {
      if (!names.add(field.name())) {
        throw new SheafException(
                ErrorCode.DUPLICATE_COLUMN,
                "column \"" + field.name() + "\" comes twice, which a Parquet file cannot have")
            .withHint("Name the columns of the query apart: AS.");
      }
    }
  }

  private long write(BatchSource source, String application) throws IOException {
    put(MAGIC, MAGIC.length);
    for (Batch batch = source.next(); batch != null; batch = source.next()) {
      for (int i = 0; i < types.size(); i++) {
        chunks.get(i).append(batch.column(i), batch);
      }
      groupRows += batch.selected();
      long bytes = chunks.stream().mapToLong(ColumnChunk::sizeBytes).sum();
      charge(bytes);
      if (bytes >= groupBytes || groupRows >= GROUP_ROWS) {
        endGroup();
      }
    }
    if (groupRows > 0) {
      endGroup();
    }
    footer(application);
    return rows;
  }

  private List<ColumnChunk> freshChunks() {
    return types.stream().map(ColumnChunk::new).toList();
  }

  private void charge(long bytes) {
    if (bytes > held) {
      memory.reserve(bytes - held);
    } else {
      memory.release(held - bytes);
    }
    held = bytes;
  }

  private void endGroup() throws IOException {
    List<ChunkMeta> written = new ArrayList<>();
    for (ColumnChunk each : chunks) {
      ColumnChunk.Finished chunk = each.finish();
      written.add(
          new ChunkMeta(
              chunk.type(),
              position,
              chunk.dictionary().size(),
              chunk.bytes(),
              chunk.plainBytes(),
              chunk.rows(),
              chunk.nulls(),
              chunk.least(),
              chunk.greatest()));
      put(chunk.dictionary().array(), chunk.dictionary().size());
      put(chunk.pages().array(), chunk.pages().size());
    }
    groups.add(new RowGroup(written, groupRows));
    rows += groupRows;
    groupRows = 0;
    chunks = freshChunks();
    charge(0);
  }

  private void put(byte[] bytes, int length) throws IOException {
    out.write(bytes, 0, length);
    position += length;
  }

  private void footer(String application) throws IOException {
    var bytes = new ByteSink(1 << 12);
    var meta = new ThriftWriter(bytes);
    meta.i32(1, FORMAT_VERSION);
    meta.structs(2, types.size() + 1);
    meta.element();
    meta.text(4, "schema");
    meta.i32(5, types.size());
    meta.end();
    for (ParquetType type : types) {
      meta.element();
      type.describe(meta);
      meta.end();
    }
    meta.i64(3, rows);
    meta.structs(4, groups.size());
    for (RowGroup group : groups) {
      meta.element();
      describe(group, meta);
      meta.end();
    }
    meta.text(6, application);
    meta.structs(7, types.size());
    for (int i = 0; i < types.size(); i++) {
      meta.element();
      meta.emptyStruct(1); // TypeDefinedOrder
      meta.end();
    }
    meta.end();
    int length = bytes.size();
    bytes.putInt(length);
    bytes.putBytes(MAGIC, 0, MAGIC.length);
    put(bytes.array(), bytes.size());
  }

  private static void describe(RowGroup group, ThriftWriter out) {
    out.structs(1, group.chunks.size());
    for (ChunkMeta chunk : group.chunks) {
      out.element();
      out.i64(2, 0);
      out.struct(3);
      describe(chunk, out);
      out.end();
      out.end();
    }
    out.i64(2, group.chunks.stream().mapToLong(ChunkMeta::plainBytes).sum());
    out.i64(3, group.rows);
    out.i64(6, group.chunks.stream().mapToLong(ChunkMeta::bytes).sum());
  }

  /** The fields of a ColumnMetaData. */
  private static void describe(ChunkMeta chunk, ThriftWriter out) {
    boolean coded = chunk.dictionaryBytes > 0;
    out.i32(1, chunk.type.storage().number);
    if (coded) {
      out.i32s(2, ColumnChunk.PLAIN, ColumnChunk.RLE, ColumnChunk.RLE_DICTIONARY);
    } else {
      out.i32s(2, ColumnChunk.PLAIN, ColumnChunk.RLE);
    }
    out.texts(3, chunk.type.name());
    out.i32(4, ZSTD);
    out.i64(5, chunk.rows);
    out.i64(6, chunk.plainBytes);
    out.i64(7, chunk.bytes);
    out.i64(9, chunk.start + chunk.dictionaryBytes);
    if (coded) {
      out.i64(11, chunk.start);
    }
    out.struct(12);
    out.i64(3, chunk.nulls);
    if (chunk.type.isNumber() && chunk.least <= chunk.greatest) {
      out.bytes(5, chunk.type.number(chunk.greatest));
      out.bytes(6, chunk.type.number(chunk.least));
    }
    out.end();
  }
}
