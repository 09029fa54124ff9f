package dev.sheaf.cli;

import dev.sheaf.testkit.architecture.ArchRules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class ArchitectureTest {

  @TestFactory
  Stream<DynamicTest> followsTheRules() {
    return ArchRules.tests("dev.sheaf.cli");
  }
}
