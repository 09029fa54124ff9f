package dev.sheaf.compute.route;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.BatchSource;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.key.KeyRange;
import dev.sheaf.rpc.shard.ShardService.ReadRequest;
import dev.sheaf.rpc.shard.ShardService.ReadView;
import dev.sheaf.rpc.shard.ShardService.SegmentView;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A view whose tail may come from another page server than the view did. Segments and tail together
 * are the rows of the snapshot, so where the segments are the same, the tail is. Thread-safe.
 */
final class RoutedView implements ReadView {
  private final ReadView first;
  private final ReadRequest request;
  private final Supplier<ReadView> reopen;
  private final Predicate<SheafException> repeatable;
  private @Nullable ReadView second;
  private boolean closed;

  /**
   * @param reopen at whoever owns the shard now
   */
  RoutedView(
      ReadView first,
      ReadRequest request,
      Supplier<ReadView> reopen,
      Predicate<SheafException> repeatable) {
    this.first = first;
    this.request = request;
    this.reopen = reopen;
    this.repeatable = repeatable;
  }

  @Override
  public List<SegmentView> segments() {
    return first.segments();
  }

  @Override
  public @Nullable KeyRange covered() {
    return first.covered();
  }

  @Override
  public long tailRows() {
    return first.tailRows();
  }

  @Override
  public BatchSource tail() {
    return new Tail(first.tail());
  }

  /** For one reader. */
  private final class Tail implements BatchSource {
    private BatchSource source;
    private boolean begun;

    Tail(BatchSource source) {
      this.source = source;
    }

    @Override
    public @Nullable Batch next() {
      try {
        Batch batch = source.next();
        begun = true;
        return batch;
      } catch (SheafException e) {
        if (!repeatable.test(e)) {
          throw e;
        }
        if (begun) {
          throw interrupted(e);
        }
        begun = true;
        source.close();
        source = fromAnother(e);
        return next();
      }
    }

    @Override
    public void close() {
      source.close();
    }
  }

  private BatchSource fromAnother(SheafException why) {
    ReadView other = reopen.get();
    if (!Objects.equals(first.covered(), other.covered())
        || !sameSegments(first.segments(), other.segments())
        || !keep(other)) {
      other.close();
      throw interrupted(why);
    }
    return other.tail();
  }

  private synchronized boolean keep(ReadView other) {
    second = closed ? null : other;
    return !closed;
  }

  private static boolean sameSegments(List<SegmentView> a, List<SegmentView> b) {
    return a.size() == b.size()
        && a.stream().allMatch(mine -> b.stream().anyMatch(other -> same(mine, other)));
  }

  private static boolean same(SegmentView a, SegmentView b) {
    return a.objectKey().equals(b.objectKey())
        && a.checkRange() == b.checkRange()
        && a.visibleUpTo().equals(b.visibleUpTo())
        && Arrays.equals(a.deleted(), b.deleted());
  }

  private SheafException interrupted(SheafException why) {
    return new SheafException(
            ErrorCode.SERIALIZATION_FAILURE,
            "shard " + request.shard() + " moved to another page server while it was read",
            why)
        .withHint("Run the query again.");
  }

  @Override
  public void close() {
    ReadView other;
    synchronized (this) {
      closed = true;
      other = second;
    }
    first.close();
    if (other != null) {
      other.close();
    }
  }
}
