package dev.sheaf.compute.exec;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/**
 * Numbers distinct keys from 0: open addressing over key words. A slot holds the group's number +
 * 1; hashes are kept so that growing and partitioning need no keys. One thread.
 */
final class GroupTable {
  private static final int MAX_SLOTS = 1 << 30;

  private final int stride;
  private final Reservation memory;
  private int[] slots;
  private long[] keys = new long[0];
  private long[] hashes = new long[0];
  private int size;

  GroupTable(int stride, Reservation memory) {
    this.stride = stride;
    this.memory = memory;
    memory.add(4L * 1024);
    this.slots = new int[1024];
  }

  int size() {
    return size;
  }

  /** Key words of group g from {@code g * stride}. */
  long[] keys() {
    return keys;
  }

  long[] hashes() {
    return hashes;
  }

  /** The group of each of {@code n} keys, new groups for new keys. */
  void assign(long[][] words, long[] rowHashes, int n, int[] groups) {
    ensure(size + n);
    switch (stride) {
      case 1 -> assignOne(words[0], rowHashes, n, groups);
      case 2 -> assignTwo(words[0], words[1], rowHashes, n, groups);
      default -> assignAny(words, rowHashes, n, groups);
    }
  }

  private void assignOne(long[] words, long[] rowHashes, int n, int[] groups) {
    int[] table = slots;
    long[] stored = keys;
    int mask = table.length - 1;
    for (int k = 0; k < n; k++) {
      long word = words[k];
      int slot = (int) rowHashes[k] & mask;
      int group = table[slot] - 1;
      while (group >= 0 && stored[group] != word) {
        slot = (slot + 1) & mask;
        group = table[slot] - 1;
      }
      if (group < 0) {
        group = size++;
        stored[group] = word;
        hashes[group] = rowHashes[k];
        table[slot] = group + 1;
      }
      groups[k] = group;
    }
  }

  private void assignTwo(long[] first, long[] second, long[] rowHashes, int n, int[] groups) {
    int[] table = slots;
    long[] stored = keys;
    int mask = table.length - 1;
    for (int k = 0; k < n; k++) {
      int slot = (int) rowHashes[k] & mask;
      int group = table[slot] - 1;
      while (group >= 0 && (stored[2 * group] != first[k] || stored[2 * group + 1] != second[k])) {
        slot = (slot + 1) & mask;
        group = table[slot] - 1;
      }
      if (group < 0) {
        group = size++;
        stored[2 * group] = first[k];
        stored[2 * group + 1] = second[k];
        hashes[group] = rowHashes[k];
        table[slot] = group + 1;
      }
      groups[k] = group;
    }
  }

  private void assignAny(long[][] words, long[] rowHashes, int n, int[] groups) {
    int mask = slots.length - 1;
    for (int k = 0; k < n; k++) {
      int slot = (int) rowHashes[k] & mask;
      int group = slots[slot] - 1;
      while (group >= 0 && (hashes[group] != rowHashes[k] || !equal(group, words, k))) {
        slot = (slot + 1) & mask;
        group = slots[slot] - 1;
      }
      if (group < 0) {
        group = size++;
        for (int w = 0; w < stride; w++) {
          keys[group * stride + w] = words[w][k];
        }
        hashes[group] = rowHashes[k];
        slots[slot] = group + 1;
      }
      groups[k] = group;
    }
  }

  private boolean equal(int group, long[][] words, int k) {
    int base = group * stride;
    for (int w = 0; w < stride; w++) {
      if (keys[base + w] != words[w][k]) {
        return false;
      }
    }
    return true;
  }

  /** The group of each key, -1 if there is none. */
  void find(long[][] words, long[] rowHashes, int n, int[] groups) {
    int mask = slots.length - 1;
    for (int k = 0; k < n; k++) {
      int slot = (int) rowHashes[k] & mask;
      int group = slots[slot] - 1;
      while (group >= 0 && (hashes[group] != rowHashes[k] || !equal(group, words, k))) {
        slot = (slot + 1) & mask;
        group = slots[slot] - 1;
      }
      groups[k] = group;
    }
  }

  /** Room for so many groups at a load of at most one half. */
  private void ensure(int groups) {
    if ((long) groups * Math.max(2, stride) > MAX_SLOTS) {
      throw new SheafException(
          ErrorCode.OUT_OF_MEMORY, "out of memory: more than " + size + " groups");
    }
    keys = memory.grow(keys, groups * stride);
    hashes = memory.grow(hashes, groups);
    int capacity = slots.length;
    while (capacity < 2 * groups) {
      capacity *= 2;
    }
    if (capacity > slots.length) {
      memory.add(4L * (capacity - slots.length));
      slots = new int[capacity];
      int mask = capacity - 1;
      for (int group = 0; group < size; group++) {
        int slot = (int) hashes[group] & mask;
        while (slots[slot] != 0) {
          slot = (slot + 1) & mask;
        }
        slots[slot] = group + 1;
      }
    }
  }
}
