package dev.sheaf.pageserver.serve;

import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Term;
import java.util.TreeMap;

/**
 * Names the objects that one owner writes in one term, and knows which of them nobody is at work on
 * any more: what is not named by a manifest or the log then never will be. Thread-safe.
 */
final class ObjectNames {
  private final ShardObjects keys;
  private final Term term;
  private long last;

  /** Works that go on, by the last number given out before they began. */
  private final TreeMap<Long, Integer> open = new TreeMap<>();

  ObjectNames(ShardObjects keys, Term term) {
    this.keys = keys;
    this.term = term;
  }

  synchronized String segment() {
    return keys.segment(term, ++last);
  }

  synchronized String deletes() {
    return keys.deletes(term, ++last);
  }

  /** Some work whose objects are not named anywhere before it ends. */
  synchronized Work begin() {
    var work = new Work(last);
    open.merge(last, 1, Integer::sum);
    return work;
  }

  /** No work goes on with objects of this term up to this number. */
  synchronized long settled() {
    return open.isEmpty() ? last : open.firstKey();
  }

  private synchronized void end(long floor) {
    open.computeIfPresent(floor, (key, count) -> count == 1 ? null : count - 1);
  }

  /** Used by one thread. */
  final class Work implements AutoCloseable {
    private final long floor;
    private boolean ended;

    private Work(long floor) {
      this.floor = floor;
    }

    @Override
    public void close() {
      if (!ended) {
        ended = true;
        end(floor);
      }
    }
  }
}
