package dev.sheaf.pageserver.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class MemtableBudgetTest {
  @Test
  void asksForFlushesUntilThereIsRoom() {
    var holder = new AtomicReference<MemtableBudget.Account>();
    var asked = new AtomicInteger();
    var budget =
        new MemtableBudget(
            100,
            System::nanoTime,
            () -> {
              asked.incrementAndGet();
              holder.get().release(20);
            });
    holder.set(budget.account());
    holder.get().force(100);
    budget.account().admit(60, Deadline.after(System.nanoTime(), 20_000));
    assertThat(asked).hasValue(3);
    assertThat(budget.usedBytes()).isEqualTo(100);
  }

  @Test
  void refusesAtTheDeadline() {
    var budget = new MemtableBudget(100, System::nanoTime, () -> {});
    budget.account().force(100);
    assertThatThrownBy(() -> budget.account().admit(1, Deadline.after(System.nanoTime(), 50)))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED));
    assertThat(budget.usedBytes()).isEqualTo(100);
  }
}
