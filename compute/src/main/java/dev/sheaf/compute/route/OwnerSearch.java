package dev.sheaf.compute.route;

import dev.sheaf.compute.route.ShardOwners.Target;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.guard.CallGuard;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One call's way through the nodes: a candidate that has not failed it yet at once, else the
 * likeliest again after a pause, which ends when others become candidates. Used by one thread.
 */
final class OwnerSearch {
  /** Candidates are looked at again so often during a pause. */
  private static final long NEWS_MILLIS = 20;

  private final ShardId shard;
  private final ShardOwners owners;
  private final RoutePolicy policy;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Set<Target> failed = new HashSet<>();
  private long pauseMillis;
  private boolean tired;
  private @Nullable SheafException last;

  OwnerSearch(
      ShardId shard,
      ShardOwners owners,
      RoutePolicy policy,
      TimeSource time,
      RandomGenerator random) {
    this.shard = shard;
    this.owners = owners;
    this.policy = policy;
    this.time = time;
    this.random = random;
    this.pauseMillis = policy.firstPauseMillis();
  }

  /**
   * @throws SheafException the last error, or 57P03, when none is found by the deadline; 57014 if
   *     interrupted
   */
  Target next(Deadline deadline) {
    while (true) {
      List<Target> candidates = owners.candidates(shard);
      for (Target candidate : candidates) {
        if (!failed.contains(candidate)) {
          return candidate;
        }
      }
      // All that are known have failed: from now on each may have become the owner.
      failed.clear();
      pause(deadline);
      candidates = owners.candidates(shard);
      if (!candidates.isEmpty()) {
        return candidates.getFirst();
      }
    }
  }

  void failed(Target target, SheafException error, CallGuard guard) {
    failed.add(target);
    last = named(target, error);
    tired = !guard.mayRetry();
  }

  /** What cannot be reached is of use to people only with its name. */
  private static SheafException named(Target target, SheafException error) {
    if (error.message().contains(target.node())) {
      return error;
    }
    var named = new SheafException(error.code(), target.node() + ": " + error.message(), error);
    String hint = error.hint();
    return hint == null ? named : named.withHint(hint);
  }

  private void pause(Deadline deadline) {
    long most = tired ? policy.tiredPauseMillis() : pauseMillis;
    long millis = most / 2 + random.nextLong(most / 2 + 1);
    long left = deadline.remainingNanos(time.nanoTime()) / 1_000_000;
    if (left <= millis) {
      throw notFound();
    }
    pauseMillis = Math.min(policy.lastPauseMillis(), pauseMillis * 2);
    List<Target> before = owners.candidates(shard);
    for (long slept = 0; slept < millis; slept += NEWS_MILLIS) {
      time.sleepMillis(Math.min(NEWS_MILLIS, millis - slept));
      if (Thread.currentThread().isInterrupted()) {
        throw new SheafException(
            ErrorCode.QUERY_CANCELED,
            "interrupted while looking for the owner of shard " + shard,
            last);
      }
      if (!owners.candidates(shard).equals(before)) {
        // Another owner: neither as tired nor as slow as the last one.
        tired = false;
        pauseMillis = policy.firstPauseMillis();
        return;
      }
    }
  }

  private SheafException notFound() {
    SheafException error = last;
    return error != null
        ? error
        : new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW, "no page server serves shard " + shard + " now")
            .withHint("Try again in a moment; check that page servers are up.");
  }
}
