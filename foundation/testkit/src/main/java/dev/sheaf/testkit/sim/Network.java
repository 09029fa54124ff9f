package dev.sheaf.testkit.sim;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls between machines. A request and its answer are messages of their own: each may be lost, be
 * late, overtake others; a request may arrive twice, or arrive while its sender is told that it did
 * not; a link may be cut in one direction only. A dead machine answers nothing, or refuses.
 */
public final class Network {
  private record Link(Machine from, Machine to) {}

  private final Simulation simulation;
  private final Set<Link> cut = new HashSet<>();
  private Faults faults;

  public Network(Simulation simulation, Faults faults) {
    this.simulation = simulation;
    this.faults = faults;
  }

  /** From now on messages fare like this. */
  public void setFaults(Faults next) {
    faults = next;
  }

  /** Messages in that direction vanish. */
  public void cut(Machine from, Machine to) {
    cut.add(new Link(from, to));
  }

  public void heal(Machine from, Machine to) {
    cut.remove(new Link(from, to));
  }

  public void healAll() {
    cut.clear();
  }

  public boolean isCut(Machine from, Machine to) {
    return cut.contains(new Link(from, to));
  }

  /**
   * Calls another machine.
   *
   * @param handler runs on a thread of the other one
   * @return completes on a thread of the caller; never, if something was lost on the way; with
   *     58030 if the other one refused, or the connection broke: then the request may have been
   *     carried out
   */
  public <T> CompletableFuture<T> call(
      Machine from, Machine to, String what, Supplier<CompletableFuture<T>> handler) {
    return call(from, to, what, handler, false);
  }

  /** Likewise, but the request may arrive twice. */
  public <T> CompletableFuture<T> callPerhapsTwice(
      Machine from, Machine to, String what, Supplier<CompletableFuture<T>> handler) {
    return call(from, to, what, handler, simulation.chance(faults.duplication()));
  }

  private <T> CompletableFuture<T> call(
      Machine from,
      Machine to,
      String what,
      Supplier<CompletableFuture<T>> handler,
      boolean twice) {
    var answer = new CompletableFuture<T>();
    int caller = from.incarnation();
    boolean breaks = simulation.chance(faults.falseFailure());
    // What a broken connection has swallowed may still lie in a queue on the other side.
    long queued = breaks && simulation.chance(0.5) ? simulation.betweenMillis(5, 2_000) : 0;
    request(from, caller, to, queued, what, handler, answer);
    if (twice) {
      request(from, caller, to, 0, what + " again", handler, answer);
    }
    if (breaks) {
      fail(from, caller, answer, what + " reported failed");
    }
    return answer;
  }

  private <T> void request(
      Machine from,
      int caller,
      Machine to,
      long queuedNanos,
      String what,
      Supplier<CompletableFuture<T>> handler,
      CompletableFuture<T> answer) {
    if (isLost(from, to)) {
      return;
    }
    simulation.after(
        queuedNanos + delay(),
        what + " reaches " + to,
        () -> {
          if (!to.isUp()) {
            if (simulation.random().nextBoolean()) {
              fail(from, caller, answer, what + " refused");
            }
            return;
          }
          int callee = to.incarnation();
          to.spawn(
              0,
              what,
              () -> {
                CompletableFuture<T> result;
                try {
                  result = handler.get();
                } catch (SheafException e) {
                  result = CompletableFuture.failedFuture(e);
                }
                CompletableFuture<T> _ =
                    result.whenComplete((value, error) -> {
                      if (to.lives(callee)) {
                        answer(to, from, caller, what, answer, value, error);
                      }
                    });
              });
        });
  }

  private <T> void answer(
      Machine from,
      Machine to,
      int caller,
      String what,
      CompletableFuture<T> answer,
      @Nullable T value,
      @Nullable Throwable error) {
    if (isLost(from, to)) {
      return;
    }
    simulation.after(
        delay(),
        what + " answered by " + from + (error == null ? "" : ": " + error.getMessage()),
        () -> {
          if (to.lives(caller)) {
            to.spawn(
                0,
                what + " answered",
                () -> {
                  if (error == null) {
                    answer.complete(value);
                  } else {
                    answer.completeExceptionally(error);
                  }
                });
          }
        });
  }

  private void fail(Machine from, int caller, CompletableFuture<?> answer, String what) {
    simulation.after(
        delay(),
        what,
        () -> {
          if (from.lives(caller)) {
            from.spawn(
                0,
                what,
                () ->
                    answer.completeExceptionally(
                        new SheafException(ErrorCode.IO_ERROR, "the connection broke")));
          }
        });
  }

  private boolean isLost(Machine from, Machine to) {
    return isCut(from, to) || simulation.chance(faults.loss());
  }

  private long delay() {
    if (simulation.chance(faults.slow())) {
      return simulation.betweenMillis(5, simulation.random().nextInt(4) == 0 ? 3_000 : 200);
    }
    return simulation.betweenMillis(0.05, 1);
  }
}
