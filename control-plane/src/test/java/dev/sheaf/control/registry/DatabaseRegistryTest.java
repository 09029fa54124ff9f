package dev.sheaf.control.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.control.registry.DatabaseRegistry.Registration;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.embedded.EmbeddedCoordination;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.control.DatabaseDirectory.DatabaseInfo;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseRegistryTest {
  private final long seed = ThreadLocalRandom.current().nextLong();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Coordination coordination =
      EmbeddedCoordination.inMemory(System::nanoTime, threads);
  private final DatabaseRegistry registry = open(100);

  private DatabaseRegistry open(int maxDatabases) {
    return new DatabaseRegistry(
        coordination, now::get, System::nanoTime, new Random(seed), maxDatabases, soon());
  }

  private static Deadline soon() {
    return Deadline.after(System.nanoTime(), 20_000);
  }

  @AfterEach
  void close() {
    registry.close();
    coordination.close();
    threads.close();
  }

  private DatabaseRecord created(String name) {
    Registration made = registry.create(new DatabaseName(name), Optional.empty(), soon());
    return ((Registration.Created) made).database();
  }

  private Registration request(String name, String key) {
    byte[] body = ("{\"name\":\"" + name + "\"}").getBytes(StandardCharsets.UTF_8);
    return registry.create(
        new DatabaseName(name), Optional.of(IdempotencyKey.of(key, body)), soon());
  }

  private static ErrorCode codeOf(Throwable error) {
    return ((SheafException) error).code();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "..",
        "a/b",
        "%2e",
        "a\0",
        "-a",
        "_a",
        "1a",
        "A",
        "aB",
        "a b",
        "a.b",
        "ä",
        "а",
        "a\n",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void refusesNames(String name) {
    assertThatThrownBy(() -> new DatabaseName(name))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE))
        .satisfies(e -> assertThat(((SheafException) e).hint()).contains("lower-case"));
  }

  @Test
  void whatItCreatesIsShownByEveryCopy() {
    DatabaseRecord shop = created("shop_1-x");

    assertThat(shop.id().value()).startsWith("shop-1-x-");
    assertThat(shop.createdAt()).isEqualTo(now.get());
    assertThat(registry.byName("shop_1-x"))
        .contains(new DatabaseInfo(shop.id(), "shop_1-x", false));
    registry.advance(shop, DatabaseState.READY, soon());
    registry.markServed(shop, true);
    assertThat(registry.all()).containsExactly(new DatabaseInfo(shop.id(), "shop_1-x", true));
    try (var other = open(100)) {
      assertThat(other.find(shop.name()).orElseThrow().state()).isEqualTo(DatabaseState.READY);
      assertThat(other.byName("shop_1-x").orElseThrow().ready()).isFalse();
    }
    assertThat(registry.byName("shop")).isEmpty();
  }

  @Test
  void aDatabaseOnlyMovesForward() {
    DatabaseRecord shop = created("shop");
    registry.advance(shop, DatabaseState.DELETING, soon());

    assertThat(registry.byName("shop")).isEmpty();
    assertThat(registry.all()).isEmpty();
    assertThatThrownBy(() -> registry.advance(shop, DatabaseState.READY, soon()))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.OBJECT_IN_USE));
    assertThatThrownBy(() -> created("shop"))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.OBJECT_IN_USE));

    registry.remove(shop, soon());
    registry.remove(shop, soon());
    DatabaseRecord again = created("shop");
    assertThat(again.id()).isNotEqualTo(shop.id());
    registry.remove(shop, soon());
    assertThat(registry.find(shop.name())).contains(again);
    assertThatThrownBy(() -> registry.advance(shop, DatabaseState.READY, soon()))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.INVALID_CATALOG_NAME));
  }

  @Test
  void oneOfManyCreatorsWins() throws Exception {
    List<Object> answers =
        together(
            16,
            () -> {
              try {
                return created("shop").id();
              } catch (SheafException e) {
                return e.code();
              }
            });
    assertThat(answers).filteredOn(ErrorCode.DUPLICATE_DATABASE::equals).hasSize(15);
    assertThat(registry.all()).hasSize(1);
  }

  @Test
  void aRepeatedRequestCreatesOnce() throws Exception {
    List<Object> ids =
        together(
            16,
            () ->
                switch (request("shop", "k")) {
                  case Registration.Created made -> made.database().id();
                  case Registration.Repeated made -> made.database().id();
                  case Registration.KeyReused reused -> "reused";
                });
    assertThat(Set.copyOf(ids)).containsExactly(registry.byName("shop").orElseThrow().id());

    assertThat(request("other", "k")).isInstanceOf(Registration.KeyReused.class);
    assertThatThrownBy(() -> request("shop", "k2"))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.DUPLICATE_DATABASE));
    assertThat(registry.all()).hasSize(1);

    now.updateAndGet(at -> at.plus(DatabaseRegistry.REMEMBERED_FOR).minusMillis(1));
    assertThat(request("shop", "k")).isInstanceOf(Registration.Repeated.class);
    now.updateAndGet(at -> at.plus(Duration.ofMillis(1)));
    assertThat(request("other", "k")).isInstanceOf(Registration.Created.class);
    assertThat(registry.forgetExpired()).isZero();
    now.updateAndGet(at -> at.plus(DatabaseRegistry.REMEMBERED_FOR));
    assertThat(registry.forgetExpired()).isEqualTo(1);
  }

  @Test
  void aRepeatedRequestNamesADatabaseThatIsGone() {
    var made = (Registration.Created) request("shop", "k");
    registry.advance(made.database(), DatabaseState.DELETING, soon());
    registry.remove(made.database(), soon());
    created("shop");

    assertThat(request("shop", "k")).isEqualTo(new Registration.Repeated(made.database()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\nb", "ä"})
  void refusesIdempotencyKeys(String key) {
    assertThatThrownBy(() -> request("shop", key))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE));
    assertThat(registry.all()).isEmpty();
  }

  @Test
  void pagesShowEachDatabaseOnceInOrder() {
    var random = new Random(seed);
    var names = new TreeSet<String>();
    while (names.size() < 40) {
      names.add("d" + Integer.toString(random.nextInt(1 << 20), 36));
    }
    names.forEach(this::created);

    var seen = new ArrayList<String>();
    Optional<String> cursor = Optional.empty();
    do {
      DatabasePage page = registry.list(cursor, 1 + random.nextInt(12));
      page.databases().forEach(database -> seen.add(database.name().value()));
      cursor = page.cursor();
    } while (cursor.isPresent());
    assertThat(seen).as("seed %d", seed).containsExactlyElementsOf(names);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "shop", "!!", "YWZ0ZXI6", "YWZ0ZXI6Li4", "eDpzaG9w"})
  void refusesForgedCursors(String cursor) {
    assertThatThrownBy(() -> registry.list(Optional.of(cursor), 1))
        .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.INVALID_PARAMETER_VALUE));
  }

  @Test
  void limitsTheirNumber() {
    try (var small = open(1)) {
      created("one");
      assertThatThrownBy(() -> small.create(new DatabaseName("two"), Optional.empty(), soon()))
          .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"v\":2}",
        "{\"v\":1,\"id\":\"x\",\"name\":\"bad\"}",
        "{\"v\":1,\"id\":\"x\",\"name\":\"bad\",\"state\":\"lost\",\"created_at\":1,\"token\":\"t\"}"
      })
  void anEntryThatCannotBeReadHidesNoOther(String value) {
    coordination.commit(List.of(), List.of(Change.put("control/database/bad", value)));
    created("good");

    try (var again = open(100)) {
      assertThat(again.all()).extracting(DatabaseInfo::name).containsExactly("good");
      assertThatThrownBy(() -> again.find(new DatabaseName("bad")))
          .satisfies(e -> assertThat(codeOf(e)).isEqualTo(ErrorCode.DATA_CORRUPTED));
    }
  }

  private List<Object> together(int callers, Callable<Object> call) throws Exception {
    List<Future<Object>> answers = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      answers.add(threads.submit(call));
    }
    List<Object> result = new ArrayList<>();
    for (Future<Object> answer : answers) {
      result.add(answer.get());
    }
    return result.stream().collect(Collectors.toList());
  }
}
