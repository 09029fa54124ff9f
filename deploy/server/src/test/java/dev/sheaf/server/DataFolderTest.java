package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir Path temp;

  private static void refused(ThrowingCallable start, String... parts) {
    assertThatThrownBy(start)
        .isInstanceOf(StartFailure.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(((StartFailure) e).exitCode()).isEqualTo(ExitCode.DATA_FOLDER));
  }

  private static List<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void isHeldByOneAtATime() {
    Path folder = temp.resolve("a/b");
    try (DataFolder first = DataFolder.open(folder, List.of("process 1"))) {
      refused(() -> DataFolder.open(folder, List.of("process 2")), "in use by process 1");
      first.describe(List.of("process 1 on here", "Flight SQL grpc+tcp://h:1"));
      refused(
          () -> DataFolder.open(folder, List.of("process 2")),
          "process 1 on here, Flight SQL grpc+tcp://h:1");
    }
    DataFolder.open(folder, List.of("process 2")).close();
  }

  @Test
  void isReadByManyAndNotBesideAServer() throws IOException {
    Path folder = temp.resolve("read");
    try (DataFolder server = DataFolder.open(folder, List.of("process 1"))) {
      refused(() -> DataFolder.forReading(server.root()), "in use by process 1");
    }
    List<String> names = namesIn(folder);
    try (DataFolder first = DataFolder.forReading(folder)) {
      assertThat(first.objects()).isEqualTo(folder.resolve("objects"));
      refused(() -> DataFolder.open(folder, List.of("process 2")), "in use by");
    }
    assertThat(namesIn(folder)).isEqualTo(names);
    DataFolder.open(folder, List.of("process 2")).close();
    Files.delete(folder.resolve("sheaf.lock"));
    DataFolder.forReading(folder).close();
    assertThat(namesIn(folder)).containsExactly("sheaf.format");

    refused(() -> DataFolder.forReading(temp.resolve("none")), "not a data folder");
    Files.writeString(folder.resolve("sheaf.format"), "sheaf data folder, format 2\n");
    refused(() -> DataFolder.forReading(folder), "format 2", "knows format 1");
  }

  @Test
  void refusesAForeignFolderAndLeavesItAsItIs() throws IOException {
    Files.writeString(temp.resolve("thesis.txt"), "precious");

    refused(() -> DataFolder.open(temp, List.of("me")), "not a data folder", "thesis.txt");
    assertThat(namesIn(temp)).containsExactly("thesis.txt");
  }

  @Test
  void takesAnEmptyFolderAndOneWhoseFirstStartWasCutShort() throws IOException {
    Files.createDirectory(temp.resolve("lost+found"));
    Files.createFile(temp.resolve("sheaf.lock"));
    Files.createFile(temp.resolve("sheaf.format.new"));

    try (DataFolder data = DataFolder.open(temp, List.of("me"))) {
      assertThat(data.root().resolve("sheaf.format")).hasContent("sheaf data folder, format 1");
    }
  }

  @Test
  void refusesAnotherFormat() throws IOException {
    Path marker = temp.resolve("sheaf.format");
    Files.writeString(marker, "sheaf data folder, format 2\n");
    refused(() -> DataFolder.open(temp, List.of("me")), "format 2", "knows format 1");
    Files.writeString(marker, "something else");
    refused(() -> DataFolder.open(temp, List.of("me")), "not a format marker");
    assertThat(namesIn(temp)).containsExactly("sheaf.format");
  }

  @Test
  void refusesWhatIsNoFolder() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    refused(() -> DataFolder.open(file, List.of("me")), "is not a folder");
    refused(() -> DataFolder.open(file.resolve("below"), List.of("me")), "cannot be used");
  }

  @Test
  void aTemporaryFolderIsGoneAfterwards() throws IOException {
    DataFolder data = DataFolder.temporary(List.of("me"));
    Files.writeString(Files.createDirectories(data.objects()).resolve("x"), "y");
    data.close();
    assertThat(data.root()).doesNotExist();
  }

  @Test
  void scratchIsEmptyAtEachStart() throws IOException {
    try (DataFolder data = DataFolder.open(temp, List.of("me"))) {
      Files.writeString(data.emptyScratch().resolve("left"), "over");
      assertThat(data.emptyScratch()).isEmptyDirectory();
    }
  }
}
