package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log as the proposer holds it in memory: all that is not committed, and some of
 * what is, for acceptors that are a little behind. Not thread-safe.
 */
final class RecordWindow {
  private final TreeMap<Lsn, byte[]> frames = new TreeMap<>();
  private Lsn begin;
  private Lsn end;

  /** Acceptors in step ask for the same batch one after the other. */
  private @Nullable Batch lastBatch;

  private record Batch(Lsn begin, byte[] bytes) {
    Lsn end() {
      return begin.plus(bytes.length);
    }
  }

  RecordWindow(Lsn end) {
    this.begin = end;
    this.end = end;
  }

  Lsn begin() {
    return begin;
  }

  Lsn end() {
    return end;
  }

  void add(byte[] frame) {
    frames.put(end, frame);
    end = end.plus(frame.length);
  }

  /**
   * Whole frames from {@code from} (a record's start in the window) on: as many as fit, but at
   * least one.
   */
  byte[] read(Lsn from, int maxBytes) {
    if (lastBatch != null && lastBatch.begin.equals(from) && isFull(lastBatch, maxBytes)) {
      return lastBatch.bytes;
    }
    int size = 0;
    for (byte[] frame : frames.tailMap(from).values()) {
      if (size > 0 && size + frame.length > maxBytes) {
        break;
      }
      size += frame.length;
    }
    byte[] batch = new byte[size];
    int offset = 0;
    for (byte[] frame : frames.tailMap(from).values()) {
      if (offset == size) {
        break;
      }
      System.arraycopy(frame, 0, batch, offset, frame.length);
      offset += frame.length;
    }
    lastBatch = new Batch(from, batch);
    return batch;
  }

  /** Whether reading again would give the same batch. */
  private boolean isFull(Batch batch, int maxBytes) {
    byte[] next = frames.get(batch.end());
    return next == null || batch.bytes.length + next.length > maxBytes;
  }

  /** Drops the oldest frames below {@code limit} while more than {@code keepBytes} are held. */
  void trim(Lsn limit, long keepBytes) {
    while (!frames.isEmpty() && end.value() - begin.value() > keepBytes) {
      Lsn next = begin.plus(frames.firstEntry().getValue().length);
      if (limit.isBefore(next)) {
        return;
      }
      frames.pollFirstEntry();
      begin = next;
      lastBatch = null;
    }
  }
}
