package dev.sheaf.systemtests;

import dev.sheaf.testkit.architecture.ArchRules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The rules over all modules at once: a cycle may lead through several. */
final class ArchitectureTest {

  @TestFactory
  Stream<DynamicTest> followsTheRules() {
    return ArchRules.tests("dev.sheaf");
  }
}
