package dev.sheaf.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.client.SqlError;
import org.junit.jupiter.api.Test;

class ErrorTextTest {
  @Test
  void pointsAtThePosition() {
    var error =
        new SqlError("42703", "column \"nme\" does not exist", "Did you mean \"name\"?", 2, 8);
    assertThat(ErrorText.of(error, "-- find\nSELECT nme FROM t"))
        .isEqualTo(
            """
            error 42703: column "nme" does not exist
            line 2: SELECT nme FROM t
                           ^
            hint: Did you mean "name"?
            """);
  }

  @Test
  void knowsNoPosition() {
    assertThat(ErrorText.of(new SqlError("57014", "canceled", null, 0, 0), "SELECT 1"))
        .isEqualTo("error 57014: canceled\n");
  }
}
