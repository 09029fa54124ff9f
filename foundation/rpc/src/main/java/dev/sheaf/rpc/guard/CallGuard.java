package dev.sheaf.rpc.guard;

import java.util.function.Supplier;

/**
 * Admits calls to one target, or refuses them at once. For short calls that may be repeated: never
 * around a commit or a stream. Thread-safe.
 *
 * <p>Refusals are {@link dev.sheaf.protocol.error.SheafException}: 57P03 when the target failed so
 * often of late that it is left alone for a while, 53300 when too many calls to it are under way.
 * Nothing was sent then.
 */
@FunctionalInterface
public interface CallGuard {
  /** Runs the call on this thread, unless it is refused; what it throws is thrown. */
  <T> T call(Supplier<T> call);

  /**
   * Whether a failed call may be repeated at once. If not, the target has had more repetitions than
   * it can bear: wait for longer.
   */
  default boolean mayRetry() {
    return true;
  }

  /** Admits everything. */
  CallGuard OPEN = Supplier::get;
}
