package dev.sheaf.pageserver.bulk;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.pageserver.column.BytesColumnBuilder;
import dev.sheaf.pageserver.column.ColumnBuilder;
import dev.sheaf.pageserver.segment.SegmentDraft;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.TableKey;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.rpc.shard.DuplicateKeys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a load in memory, as columns; the first is the key. They lie in pieces of at most a
 * batch, so that nothing is copied as they become more, and {@link #heldBytes} is what they take.
 * Used by one thread at a time.
 *
 * <p>A row has a number: its piece times {@link #PIECE_ROWS}, plus its place in the piece.
 */
final class ChunkBuffer {
  private static final int PIECE_ROWS = Batch.MAX_ROWS;

  /** A number, and what it takes to sort it. */
  private static final int ORDER_BYTES = Integer.BYTES + KeySort.BYTES_A_KEY;

  private final int tableId;
  private final List<PhysicalType> types;
  private final List<Piece> pieces = new ArrayList<>();
  private long completedBytes;
  private int rows;
  private boolean ascending = true;

  private static final class Piece {
    private final BytesColumnBuilder keys = new BytesColumnBuilder();
    private final ColumnBuilder[] columns;

    Piece(List<PhysicalType> types) {
      columns = types.stream().map(ColumnBuilder::of).toArray(ColumnBuilder[]::new);
    }

    long heldBytes() {
      long bytes = keys.heldBytes();
      for (ColumnBuilder column : columns) {
        bytes += column.heldBytes();
      }
      return bytes;
    }
  }

  /**
   * @param types of the columns after the key
   */
  ChunkBuffer(int tableId, List<PhysicalType> types) {
    this.tableId = tableId;
    this.types = types;
  }

  int rows() {
    return rows;
  }

  /** What the rows take, with what it takes to sort them. */
  long heldBytes() {
    long last = pieces.isEmpty() ? 0 : pieces.getLast().heldBytes();
    return completedBytes + last + (long) rows * ORDER_BYTES;
  }

  /** About what it will be with a batch, which may be appended then. */
  long heldBytesWith(Batch batch) {
    long bytes = heldBytes() + (long) batch.selected() * ORDER_BYTES;
    for (Vec column : batch.columns()) {
      bytes += ColumnBuilder.sizeBytes(column, batch);
    }
    return bytes;
  }

  /** Copies the live rows of a batch. */
  void append(Batch batch) {
    if (batch.isEmpty()) {
      return;
    }
    Vec key = batch.column(0);
    for (int i = 0; key.hasNulls() && i < batch.selected(); i++) {
      if (key.isNull(batch.row(i))) {
        throw new SheafException(ErrorCode.INTERNAL_ERROR, "a row to load has no key");
      }
    }
    Piece before = pieces.isEmpty() ? null : pieces.getLast();
    Piece piece = before;
    if (piece == null || piece.keys.size() + batch.selected() > PIECE_ROWS) {
      piece = addPiece();
    }
    int first = piece.keys.size();
    piece.keys.appendAll(key, batch);
    for (int c = 0; c < piece.columns.length; c++) {
      piece.columns[c].appendAll(batch.column(c + 1), batch);
    }
    rows += batch.selected();
    ascending = ascending && ascends(before, piece, first);
  }

  private Piece addPiece() {
    if (!pieces.isEmpty()) {
      Piece full = pieces.getLast();
      full.keys.trim();
      for (ColumnBuilder column : full.columns) {
        column.trim();
      }
      completedBytes += full.heldBytes();
    }
    var piece = new Piece(types);
    pieces.add(piece);
    return piece;
  }

  /** Whether the keys from {@code first} ascend, also behind the last one before them. */
  private static boolean ascends(@Nullable Piece before, Piece piece, int first) {
    if (first == 0 && before != null && before.keys.size() > 0) {
      int last = before.keys.size() - 1;
      if (piece.keys.size() > 0 && before.keys.compare(last, piece.keys, 0) >= 0) {
        return false;
      }
    }
    for (int at = Math.max(1, first); at < piece.keys.size(); at++) {
      if (piece.keys.compare(at - 1, piece.keys, at) >= 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Appends all rows, at least one, to the draft in key order; 23505 if a key is there twice.
   *
   * @param goOn called before each batch; may throw
   */
  void writeTo(SegmentDraft draft, Runnable goOn) {
    int[] order = numbers();
    if (!ascending) {
      order = sorted(order);
      for (int i = 1; i < order.length; i++) {
        if (compare(order[i - 1], order[i]) == 0) {
          throw DuplicateKeys.of(key(order[i]));
        }
      }
    }
    checkTable(order[0]);
    checkTable(order[order.length - 1]);
    if (ascending) {
      for (Piece piece : pieces) {
        goOn.run();
        draft.append(asBatch(piece), null);
      }
      return;
    }
    for (int from = 0; from < order.length; from += Batch.MAX_ROWS) {
      goOn.run();
      draft.append(gather(order, from, Math.min(Batch.MAX_ROWS, order.length - from)), null);
    }
  }

  private int[] numbers() {
    int[] numbers = new int[rows];
    int at = 0;
    for (int p = 0; p < pieces.size(); p++) {
      for (int i = 0; i < pieces.get(p).keys.size(); i++) {
        numbers[at++] = p * PIECE_ROWS + i;
      }
    }
    return numbers;
  }

  /** For the least and the greatest key: then all keys between them are of the table too. */
  private void checkTable(int number) {
    if (TableKey.tableIdOf(key(number)) != tableId) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "a row to load is of another table");
    }
  }

  private BytesColumnBuilder keysOf(int number) {
    return pieces.get(number / PIECE_ROWS).keys;
  }

  private byte[] key(int number) {
    return keysOf(number).bytes(number % PIECE_ROWS);
  }

  private int compare(int a, int b) {
    return keysOf(a).compare(a % PIECE_ROWS, keysOf(b), b % PIECE_ROWS);
  }

  private int[] sorted(int[] numbers) {
    int[] order = KeySort.sort(new NumberedKeys(numbers));
    for (int i = 0; i < order.length; i++) {
      order[i] = numbers[order[i]];
    }
    return order;
  }

  private static Batch asBatch(Piece piece) {
    Vec[] vectors = new Vec[piece.columns.length + 1];
    vectors[0] = piece.keys.build();
    for (int c = 0; c < piece.columns.length; c++) {
      vectors[c + 1] = piece.columns[c].build();
    }
    return Batch.of(vectors, piece.keys.size());
  }

  private Batch gather(int[] order, int from, int count) {
    var out = new Piece(types);
    for (int i = from; i < from + count; i++) {
      out.keys.appendFrom(keysOf(order[i]), order[i] % PIECE_ROWS);
    }
    for (int c = 0; c < out.columns.length; c++) {
      ColumnBuilder column = out.columns[c];
      for (int i = from; i < from + count; i++) {
        column.appendFrom(pieces.get(order[i] / PIECE_ROWS).columns[c], order[i] % PIECE_ROWS);
      }
    }
    return asBatch(out);
  }

  /** Row numbers as the places of keys. */
  private final class NumberedKeys implements KeySort.Keys {
    private final int[] numbers;

    NumberedKeys(int[] numbers) {
      this.numbers = numbers;
    }

    @Override
    public int count() {
      return numbers.length;
    }

    @Override
    public int shared() {
      byte[] first = key(numbers[0]);
      int shared = first.length;
      for (int number : numbers) {
        shared = keysOf(number).sharedWith(first, shared, number % PIECE_ROWS);
      }
      return shared;
    }

    @Override
    public long head(int place, int skipped) {
      return keysOf(numbers[place]).head(numbers[place] % PIECE_ROWS, skipped);
    }

    @Override
    public int compare(int a, int b) {
      return ChunkBuffer.this.compare(numbers[a], numbers[b]);
    }
  }
}
