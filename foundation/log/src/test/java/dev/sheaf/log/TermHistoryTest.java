package dev.sheaf.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TermHistoryTest {

  /** "1@0 3@50": term 1 from 0, term 3 from 50. */
  static TermHistory history(String text) {
    List<TermHistory.Entry> entries = new ArrayList<>();
    for (String entry : text.split(" ")) {
      String[] parts = entry.split("@");
      entries.add(
          new TermHistory.Entry(
              new Term(Long.parseLong(parts[0])), new Lsn(Long.parseLong(parts[1]))));
    }
    return new TermHistory(entries);
  }

  @ParameterizedTest
  @CsvSource({
    // own history, own end, other history, other end, common point
    "0@0,             0,   0@0 1@0,          0,   0",
    "0@0 1@0,         100, 0@0 1@0 2@60,     90,  60",
    "0@0 1@0 2@60,    80,  0@0 1@0 2@60,     90,  80",
    "0@0 1@0 2@60,    80,  0@0 1@0 3@70,     90,  60",
    "0@0 1@0,         100, 0@0 2@0,          50,  0",
    "0@0 1@0 3@40,    70,  0@0 1@0 2@50 4@9, 70,  x",
    "0@0 1@0 5@100,   30,  0@0 1@0 5@100,    200, 30",
    "2@50 3@80,       90,  0@0 1@0,          40,  none",
    "2@50 3@80,       90,  0@0 1@0 2@50,     70,  70",
  })
  void commonPoint(String own, long ownEnd, String other, long otherEnd, String expected) {
    if (expected.equals("x")) {
      assertThatThrownBy(() -> history(other)).isInstanceOf(SheafException.class);
      return;
    }
    Optional<Lsn> point =
        expected.equals("none") ? Optional.empty() : Optional.of(new Lsn(Long.parseLong(expected)));
    Lsn a = new Lsn(ownEnd);
    Lsn b = new Lsn(otherEnd);
    assertThat(history(own).commonPoint(a, history(other), b)).isEqualTo(point);
    assertThat(history(other).commonPoint(b, history(own), a)).isEqualTo(point);
  }

  @Test
  void positionIsTheTermOfTheLastEntryNotTheLatestTermHeardOf() {
    TermHistory catchingUp = history("0@0 1@0 7@100");
    assertThat(catchingUp.positionAt(new Lsn(99)).lastTerm()).isEqualTo(new Term(1));
    assertThat(catchingUp.positionAt(new Lsn(100)).lastTerm()).isEqualTo(new Term(7));
    assertThat(catchingUp.lastTerm()).isEqualTo(new Term(7));
    assertThat(history("0@0 3@0").positionAt(new Lsn(10)))
        .isGreaterThan(history("0@0 2@0").positionAt(new Lsn(500)));
  }

  @Test
  void termsThatWroteNothingAndForgottenTermsAreDropped() {
    assertThat(history("0@0 1@0").extend(new Term(2), new Lsn(0))).isEqualTo(history("0@0 2@0"));
    assertThat(history("0@0 1@0 2@50").extend(new Term(3), new Lsn(50)))
        .isEqualTo(history("0@0 1@0 3@50"));
    assertThat(history("0@0 1@0 2@50 3@90").extend(new Term(4), new Lsn(70)))
        .as("of a log that was catching up")
        .isEqualTo(history("0@0 1@0 2@50 4@70"));
    assertThat(history("0@0 1@0 2@50 3@90").forgetBelow(new Lsn(60)))
        .isEqualTo(history("2@50 3@90"));
    assertThat(history("0@0 1@0 2@50").forgetBelow(new Lsn(50))).isEqualTo(history("2@50"));
  }
}
