package dev.sheaf.compute.exec;

import dev.sheaf.columnar.kernel.ByteRanges;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Arrays;

/**
 * Numbers distinct byte strings from 0, so that keys of text become fixed-width words. One thread
 * adds; once complete any number may look up.
 */
final class BytesInterner {
  private final Reservation memory;
  private int[] slots;
  private long[] hashes = new long[0];
  private int[] start = new int[0];
  private int[] length = new int[0];
  private byte[] data = new byte[0];
  private int dataSize;
  private int size;

  BytesInterner(Reservation memory) {
    this.memory = memory;
    memory.add(4L * 256);
    this.slots = new int[256];
  }

  int size() {
    return size;
  }

  long hashOf(int id) {
    return hashes[id];
  }

  /** The string's number, -1 if it has none. */
  int find(byte[] bytes, int from, int count) {
    return find(bytes, from, count, ByteRanges.hash(bytes, from, count));
  }

  private int find(byte[] bytes, int from, int count, long hash) {
    int mask = slots.length - 1;
    for (int slot = (int) hash & mask; ; slot = (slot + 1) & mask) {
      int id = slots[slot] - 1;
      if (id < 0) {
        return -1;
      }
      if (hashes[id] == hash
          && length[id] == count
          && ByteRanges.equal(data, start[id], bytes, from, count)) {
        return id;
      }
    }
  }

  /** The string's number, a new one if it has none. */
  int intern(byte[] bytes, int from, int count) {
    long hash = ByteRanges.hash(bytes, from, count);
    int known = find(bytes, from, count, hash);
    if (known >= 0) {
      return known;
    }
    int id = size;
    hashes = memory.grow(hashes, id + 1);
    start = memory.grow(start, id + 1);
    length = memory.grow(length, id + 1);
    if ((long) dataSize + count > Integer.MAX_VALUE - 16) {
      throw new SheafException(ErrorCode.OUT_OF_MEMORY, "out of memory: text keys exceed 2 GiB");
    }
    data = memory.grow(data, dataSize + count);
    hashes[id] = hash;
    start[id] = dataSize;
    length[id] = count;
    System.arraycopy(bytes, from, data, dataSize, count);
    dataSize += count;
    size++;
    if (size * 2 > slots.length) {
      rehash();
    } else {
      place(id);
    }
    return id;
  }

  private void rehash() {
    memory.add(4L * slots.length);
    slots = new int[slots.length * 2];
    for (int id = 0; id < size; id++) {
      place(id);
    }
  }

  private void place(int id) {
    int mask = slots.length - 1;
    int slot = (int) hashes[id] & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = id + 1;
  }

  /** Views of the strings with these numbers; a copy is not made, so intern no more. */
  BytesVec strings(int[] ids, long @org.jspecify.annotations.Nullable [] validity) {
    int[] starts = new int[ids.length];
    int[] lengths = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= 0) {
        starts[i] = start[ids[i]];
        lengths[i] = length[ids[i]];
      }
    }
    return BytesVec.of(data, starts, lengths, validity, ids.length);
  }

  /** For tests and messages. */
  byte[] bytes(int id) {
    return Arrays.copyOfRange(data, start[id], start[id] + length[id]);
  }
}
