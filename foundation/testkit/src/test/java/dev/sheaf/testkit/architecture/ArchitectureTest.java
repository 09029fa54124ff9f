package dev.sheaf.testkit.architecture;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;

/** The foundation modules cannot depend on testkit, so their rules are checked here. */
final class ArchitectureTest {

  @TestFactory
  Stream<DynamicContainer> foundationFollowsTheRules() {
    return Stream.of("protocol", "columnar", "rpc", "log", "coordination", "objectstore", "testkit")
        .map(name -> DynamicContainer.dynamicContainer(name, ArchRules.tests("dev.sheaf." + name)));
  }
}
