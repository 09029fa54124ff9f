package dev.sheaf.server.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.guard.CallGuard;
import io.grpc.Status;
import io.quarkus.test.junit.QuarkusTest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

@QuarkusTest
final class SmallRyeGuardsTest {
  private static final SmallRyeGuards GUARDS = new SmallRyeGuards(2, 4, 0.5, 100, 0.5, 1);

  private final AtomicInteger calls = new AtomicInteger();

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private Supplier<String> failing(ErrorCode code, Throwable cause) {
    return () -> {
      calls.incrementAndGet();
      throw new SheafException(code, "injected", cause);
    };
  }

  @Test
  void onlyBrokenConnectionsOpenTheBreakerAndOnlyTheirTarget() {
    CallGuard sick = GUARDS.forTarget("page server a");
    CallGuard well = GUARDS.forTarget("page server b");
    for (int i = 0; i < 20; i++) {
      assertCode(
          ErrorCode.DIVISION_BY_ZERO, () -> sick.call(failing(ErrorCode.DIVISION_BY_ZERO, null)));
      // The page server's own trouble with the object store.
      assertCode(ErrorCode.IO_ERROR, () -> sick.call(failing(ErrorCode.IO_ERROR, null)));
    }
    calls.set(0);
    var broken = Status.UNAVAILABLE.asRuntimeException();
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> sick.call(failing(ErrorCode.IO_ERROR, broken)))
          .isInstanceOf(SheafException.class);
    }
    assertThat(calls).hasValueLessThan(20);
    assertThat(well.call(() -> "answer")).isEqualTo("answer");
    // It is tried again after a while.
    String answer = null;
    while (answer == null) {
      try {
        answer = sick.call(() -> "well again");
      } catch (SheafException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.CANNOT_CONNECT_NOW);
        Thread.onSpinWait();
      }
    }
    assertThat(answer).isEqualTo("well again");
  }

  @Test
  void oneTargetTakesOnlySoManyCallsAndRetries() throws Exception {
    CallGuard guard = GUARDS.forTarget("page server c");
    var begun = new CountDownLatch(2);
    var gate = new CountDownLatch(1);
    Runnable slow =
        () ->
            guard.call(() -> {
              begun.countDown();
              try {
                gate.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return "done";
            });
    Thread first = Thread.startVirtualThread(slow);
    Thread second = Thread.startVirtualThread(slow);
    begun.await();
    assertCode(ErrorCode.TOO_MANY_CONNECTIONS, () -> guard.call(() -> "one too many"));
    gate.countDown();
    first.join();
    second.join();
    assertThat(guard.mayRetry()).isTrue();
    assertThat(guard.mayRetry()).isFalse();
    assertThat(guard.call(() -> "ok")).isEqualTo("ok");
    assertThat(guard.call(() -> "ok")).isEqualTo("ok");
    assertThat(guard.mayRetry()).isTrue();
    assertThat(guard.mayRetry()).isFalse();
  }
}
