package dev.sheaf.testkit.architecture;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.sheaf.log.breach.ClockReader;
import dev.sheaf.log.breach.FileReader;
import dev.sheaf.log.breach.RecordUtils;
import dev.sheaf.log.breach.ThreadStarter;
import org.junit.jupiter.api.Test;

/** The rules catch what they are there for. */
final class ArchRulesTest {

  @Test
  void clockInStateMachineIsRefused() {
    assertRefused(ArchRules.STATE_MACHINES_ARE_DETERMINISTIC, ClockReader.class);
  }

  @Test
  void threadInStateMachineIsRefused() {
    assertRefused(ArchRules.STATE_MACHINES_ARE_DETERMINISTIC, ThreadStarter.class);
  }

  @Test
  void fileInStateMachineIsRefused() {
    assertRefused(ArchRules.STATE_MACHINES_ARE_DETERMINISTIC, FileReader.class);
  }

  @Test
  void emptyNameIsRefused() {
    assertRefused(ArchRules.NAMES_SAY_SOMETHING, RecordUtils.class);
  }

  @Test
  void classesWithoutBreachPass() {
    assertThatCode(() ->
            ArchRules.STATE_MACHINES_ARE_DETERMINISTIC.check(
                new ClassFileImporter().importClasses(RecordUtils.class)))
        .doesNotThrowAnyException();
  }

  @Test
  void packageWithoutClassesIsRefused() {
    assertThatThrownBy(() -> ArchRules.tests("dev.sheaf.nowhere"))
        .hasMessageContaining("dev.sheaf.nowhere");
  }

  private static void assertRefused(ArchRule rule, Class<?> culprit) {
    assertThatThrownBy(() -> rule.check(new ClassFileImporter().importClasses(culprit)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(culprit.getSimpleName());
  }
}
