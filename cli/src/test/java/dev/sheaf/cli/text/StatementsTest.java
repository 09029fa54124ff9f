package dev.sheaf.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementsTest {

  @Test
  void splitsAtSemicolonsOutsideOfQuotesAndComments() {
    String text =
        """
        SELECT ';' AS a; -- not here ;
        SELECT "b;" /* nor ; /* nested ; */ here */;
        SELECT $$;$$, $x$ ; $x$, $1;

        """;
    assertThat(Statements.split(text).complete())
        .containsExactly(
            new Statements.Statement("SELECT ';' AS a", 1),
            new Statements.Statement(
                "-- not here ;\nSELECT \"b;\" /* nor ; /* nested ; */ here */", 1),
            new Statements.Statement("SELECT $$;$$, $x$ ; $x$, $1", 3));
  }

  @Test
  void keepsWhatIsNotEnded() {
    Statements split = Statements.split("SELECT 1; SELECT 2");
    assertThat(split.complete()).hasSize(1);
    assertThat(split.rest().strip()).isEqualTo("SELECT 2");
    assertThat(split.open()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT 'a;", "SELECT \"a;", "SELECT /* ;", "SELECT $$ ;"})
  void knowsThatAQuoteIsOpen(String text) {
    Statements split = Statements.split(text);
    assertThat(split.open()).isTrue();
    assertThat(split.complete()).isEmpty();
  }

  @Test
  void leavesOutBlanks() {
    assertThat(Statements.split(" ; -- c\n ; /* d */ ;"))
        .isEqualTo(new Statements(List.of(), "", false));
  }
}
