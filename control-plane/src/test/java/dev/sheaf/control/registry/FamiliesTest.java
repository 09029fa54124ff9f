package dev.sheaf.control.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FamiliesTest {
  private static DatabaseRecord database(String id, Optional<String> parent) {
    return new DatabaseRecord(
        new DatabaseId(id),
        new DatabaseName(parent.isEmpty() ? id : "a@" + id),
        DatabaseState.READY,
        Instant.EPOCH,
        "token",
        parent.map(of -> new Origin(new DatabaseId(of), new Timestamp(1))),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void knowsWhoBranchesOffWhom() {
    DatabaseRecord a = database("a", Optional.empty());
    DatabaseRecord b = database("b", Optional.of("a"));
    DatabaseRecord c = database("c", Optional.of("b"));
    DatabaseRecord d = database("d", Optional.of("a"));
    DatabaseRecord alone = database("alone", Optional.empty());
    DatabaseRecord orphan = database("orphan", Optional.of("gone"));
    Families families = Families.of(List.of(a, b, c, d, alone, orphan));

    assertThat(families.children(a.id())).containsExactly(b, d);
    assertThat(families.descendants(a.id())).containsExactly(b, d, c);
    assertThat(families.descendants(c.id())).isEmpty();
    assertThat(families.descendants(alone.id())).isEmpty();
    assertThat(families.first(c)).isEqualTo(a);
    assertThat(families.first(a)).isEqualTo(a);
    assertThat(families.first(orphan)).isEqualTo(orphan);
    assertThat(families.database(d.id())).isEqualTo(d);
    assertThat(families.database(new DatabaseId("gone"))).isNull();
  }
}
