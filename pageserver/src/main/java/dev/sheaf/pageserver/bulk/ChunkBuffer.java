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

  /** Two numbers a row: the order, and room to sort it. */
  private static final int ORDER_BYTES = 8;

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

  private byte[] key(int number) {
    return pieces.get(number / PIECE_ROWS).keys.bytes(number % PIECE_ROWS);
  }

  private int compare(int a, int b) {
    Piece left = pieces.get(a / PIECE_ROWS);
    return left.keys.compare(a % PIECE_ROWS, pieces.get(b / PIECE_ROWS).keys, b % PIECE_ROWS);
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
      out.keys.appendFrom(pieces.get(order[i] / PIECE_ROWS).keys, order[i] % PIECE_ROWS);
    }
    for (int c = 0; c < out.columns.length; c++) {
      ColumnBuilder column = out.columns[c];
      for (int i = from; i < from + count; i++) {
        column.appendFrom(pieces.get(order[i] / PIECE_ROWS).columns[c], order[i] % PIECE_ROWS);
      }
    }
    return asBatch(out);
  }

  /** Merge sort, bottom up: stable, no boxing. */
  private int[] sorted(int[] order) {
    int[] from = order;
    int[] to = new int[order.length];
    for (int width = 1; width < order.length; width *= 2) {
      for (int low = 0; low < order.length; low += 2 * width) {
        merge(from, to, low, Math.min(low + width, order.length), low + 2 * width);
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private void merge(int[] from, int[] to, int low, int middle, int wantedHigh) {
    int high = Math.min(wantedHigh, from.length);
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeLeft = left < middle && (right >= high || compare(from[left], from[right]) <= 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }
}
