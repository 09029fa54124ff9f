package dev.sheaf.systemtests;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sheaf.cli.process.ServerAddresses;
import dev.sheaf.cli.train.Practice;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A training behind an idle server that fails is noticed by nobody, so it is rehearsed here. */
class PracticeTest {
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);

  @Test
  void everythingThatIsPractisedWorks() throws Exception {
    try (SheafServer server = SheafServer.throwAway()) {
      ServerAddresses addresses = server.addresses();
      Practice practice =
          new Practice(
              addresses.flightHost(),
              addresses.flightPort(),
              addresses.httpPort(),
              new Practice.Effort(1, 10, 10),
              NOWHERE);
      assertThatCode(practice::run).doesNotThrowAnyException();
    }
  }
}
