package dev.sheaf.cli.aot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.error.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AotCacheTest {
  private static final FileTime BUILT = FileTime.fromMillis(1_000_000);

  @TempDir private Path folder;
  private AotCache cache;

  @BeforeEach
  void build() throws IOException {
    Path jar = Files.writeString(folder.resolve("application.jar"), "classes");
    Files.setLastModifiedTime(jar, BUILT);
    cache = AotCache.of(jar);
  }

  @Test
  void isUsedOnlyIfMadeAfterTheBuild() throws IOException {
    assertThat(cache.isCurrent()).isFalse();
    assertThat(cache.flags()).isEmpty();

    Files.writeString(cache.file(), "cache");
    Files.setLastModifiedTime(cache.file(), FileTime.fromMillis(1_000_001));
    assertThat(cache.isCurrent()).isTrue();

    Files.setLastModifiedTime(cache.jar(), FileTime.fromMillis(1_000_002));
    assertThat(cache.isCurrent()).isFalse();
    assertThat(cache.flags()).isEmpty();
  }

  @Test
  void belongsToTheJvmThatRuns() {
    assertThat(cache.file()).hasFileName("sheaf-" + Runtime.version() + ".aot");
  }

  @Test
  void failsToMakeOneOfNothingAndLeavesTheOldOne() throws Exception {
    Files.writeString(cache.file(), "old");
    try (var recording = new Recording(cache)) {
      assertThatThrownBy(() -> recording.assemble(List.of()))
          .isInstanceOf(CliException.class)
          .hasMessageContaining(cache.jar().toString());
    }
    assertThat(cache.file()).hasContent("old");
    assertThat(files()).containsExactlyInAnyOrder(cache.jar(), cache.file());
  }

  @Test
  void isNotPublishedForAJarThatWasBuiltAgain() throws Exception {
    try (var recording = new Recording(cache)) {
      Files.writeString(folder.resolve(cache.file().getFileName() + ".new"), "new");
      Files.setLastModifiedTime(cache.jar(), FileTime.fromMillis(1_000_002));
      assertThatThrownBy(recording::publish).hasMessageContaining("built again");
    }
    assertThat(files()).containsExactly(cache.jar());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
