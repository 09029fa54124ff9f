package dev.sheaf.compute.exec;

import dev.sheaf.compute.spill.SpillFile;
import dev.sheaf.compute.spill.SpillSpace;
import dev.sheaf.protocol.type.PhysicalType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How the operators of one execution share its memory: who needs more than there is asks the
 * largest of those that rest to put their rows on disk, or does so itself. An eighth of the budget
 * is left to what cannot spill. Thread-safe.
 */
final class Spilling implements AutoCloseable {
  private static final int HEADROOM_SHARE = 8;
  private static final int MIN_BUFFER_BYTES = 512;
  private static final int MAX_BUFFER_BYTES = 1 << 17;

  private final SpillSpace space;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Resting> resting = new ArrayList<>();
  private final Set<SpillFile> files = ConcurrentHashMap.newKeySet();

  Spilling(SpillSpace space) {
    this.space = space;
  }

  /** An operator that holds rows and is not at work on them. */
  interface Resting {
    long heldBytes();

    /** Puts the rows on disk and gives their memory back. Called once, by any thread. */
    void spill();
  }

  /** Whether rows can be put on disk at all. */
  boolean isPossible() {
    return space.isAvailable();
  }

  /**
   * What a file may hold back while it is written.
   *
   * @param files of the operator that are written at once
   */
  static int bufferBytes(Reservation memory, int files) {
    long share = memory.limitBytes() / HEADROOM_SHARE / 4 / files;
    return (int) Math.clamp(share, MIN_BUFFER_BYTES, MAX_BUFFER_BYTES);
  }

  /** From now on until {@link #resume} somebody else may make it spill. */
  void rest(Resting operator) {
    if (isPossible()) {
      lock.lock();
      try {
        resting.add(operator);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Ends the rest; afterwards it is known whether it has spilled. */
  void resume(Resting operator) {
    lock.lock();
    try {
      resting.remove(operator);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes bytes for rows that could be put on disk instead. False if there are not enough even with
   * all others spilled: then the caller is to spill its own. Where nothing can be put on disk it
   * fails with 53200 instead.
   */
  boolean tryAdd(Reservation memory, long bytes) {
    if (!isPossible()) {
      memory.add(bytes);
      return true;
    }
    while (!memory.tryAdd(bytes, HEADROOM_SHARE)) {
      if (!spillLargest()) {
        return false;
      }
    }
    return true;
  }

  /** Takes bytes for something that can be done without, if they are free. */
  boolean tryAddSpare(Reservation memory, long bytes) {
    return memory.tryAdd(bytes, HEADROOM_SHARE);
  }

  private boolean spillLargest() {
    lock.lock();
    try {
      Optional<Resting> largest = resting.stream().max(Comparator.comparing(Resting::heldBytes));
      largest.ifPresent(operator -> {
        resting.remove(operator);
        operator.spill();
      });
      return largest.isPresent();
    } finally {
      lock.unlock();
    }
  }

  /** A file for an operator's rows, deleted with the execution at the latest. */
  SpillFile create(PhysicalType[] types, int bufferBytes) {
    SpillFile file = space.create(types, bufferBytes);
    files.add(file);
    return file;
  }

  void delete(SpillFile file) {
    files.remove(file);
    file.close();
  }

  @Override
  public void close() {
    files.forEach(SpillFile::close);
    files.clear();
  }
}
