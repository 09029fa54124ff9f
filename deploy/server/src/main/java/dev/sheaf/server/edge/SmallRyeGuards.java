package dev.sheaf.server.edge;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.guard.CallGuard;
import dev.sheaf.rpc.guard.CallGuards;
import dev.sheaf.rpc.guard.RetryBudget;
import io.grpc.StatusRuntimeException;
import io.smallrye.faulttolerance.api.CircuitBreakerState;
import io.smallrye.faulttolerance.api.Guard;
import java.time.temporal.ChronoUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;

/**
 * Guards by SmallRye Fault Tolerance, one for each target: a sick page server must not make calls
 * to the others fail. Only broken connections count against a target; what it answers, errors too,
 * does not. Time is limited by the calls' own deadlines, which cancel them at both ends. Needs the
 * running application. Thread-safe.
 *
 * @param concurrent calls to a target at a time (53300 beyond)
 * @param window of last calls that the circuit breaker looks at
 * @param failureRatio share of them that opens it
 * @param openMillis how long it stays open (57P03), until a few calls try again
 * @param retryShare repetitions at once, as a share of successful calls
 * @param retriesSaved how many of them can be saved up
 */
public record SmallRyeGuards(
    int concurrent,
    int window,
    double failureRatio,
    long openMillis,
    double retryShare,
    double retriesSaved)
    implements CallGuards {
  public static final SmallRyeGuards DEFAULT = new SmallRyeGuards(512, 20, 0.5, 1_000, 0.1, 20);

  private static final int PROBES = 2;

  @Override
  public CallGuard forTarget(String target) {
    return forTarget(target, (name, state) -> {});
  }

  /** The same guards, whose circuit breakers tell their states: at first, and each change. */
  public CallGuards watchedBy(BiConsumer<String, CircuitBreakerState> watcher) {
    return target -> {
      watcher.accept(target, CircuitBreakerState.CLOSED);
      return forTarget(target, watcher);
    };
  }

  private CallGuard forTarget(String target, BiConsumer<String, CircuitBreakerState> watcher) {
    Guard guard =
        Guard.create()
            .withDescription(target)
            .withBulkhead()
            .limit(concurrent)
            .done()
            .withCircuitBreaker()
            .requestVolumeThreshold(window)
            .failureRatio(failureRatio)
            .delay(openMillis, ChronoUnit.MILLIS)
            .successThreshold(PROBES)
            .onStateChange(state -> watcher.accept(target, state))
            .when(SmallRyeGuards::isBrokenConnection)
            .done()
            .build();
    return new TargetGuard(target, guard, new RetryBudget(retryShare, retriesSaved));
  }

  private static boolean isBrokenConnection(Throwable error) {
    return error instanceof SheafException sheaf
        && sheaf.code() == ErrorCode.IO_ERROR
        && sheaf.getCause() instanceof StatusRuntimeException;
  }

  private record TargetGuard(String target, Guard guard, RetryBudget budget) implements CallGuard {
    @Override
    @SuppressWarnings("unchecked") // the guard gives back what the call gave it
    public <T> T call(Supplier<T> call) {
      try {
        T answer = (T) guard.get((Supplier<Object>) call::get, Object.class);
        budget.succeeded();
        return answer;
      } catch (CircuitBreakerOpenException e) {
        throw new SheafException(
                ErrorCode.CANNOT_CONNECT_NOW,
                target + " failed too often of late and is left alone for a moment",
                e)
            .withHint("Try again: its shards move to another one if it stays away.");
      } catch (BulkheadException e) {
        throw new SheafException(
                ErrorCode.TOO_MANY_CONNECTIONS, "too many calls to " + target + " are under way", e)
            .withHint("Try again in a moment, or run fewer queries at a time.");
      }
    }

    @Override
    public boolean mayRetry() {
      return budget.trySpend();
    }
  }
}
