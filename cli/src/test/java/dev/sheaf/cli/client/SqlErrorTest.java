package dev.sheaf.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.arrow.flight.CallStatus;
import org.junit.jupiter.api.Test;

class SqlErrorTest {
  @Test
  void readsTheFixedFormOfTheMessage() {
    var failure =
        CallStatus.INVALID_ARGUMENT
            .withDescription(
                "[42601] syntax error at \"FORM\" (line 1, column 10)\nHINT: did you mean FROM?")
            .toRuntimeException();
    assertThat(SqlError.of(failure))
        .isEqualTo(new SqlError("42601", "syntax error at \"FORM\"", "did you mean FROM?", 1, 10));
  }

  @Test
  void callsAnUnreachableServerAConnectionFailure() {
    var failure = CallStatus.UNAVAILABLE.withDescription("io exception").toRuntimeException();
    assertThat(SqlError.of(failure).isConnectionFailure()).isTrue();
  }
}
