package dev.sheaf.pageserver.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BulkMemoryTest {
  /** Of which a mebibyte is the load's; the rows are 50 MB, the keys and their order 5 MB. */
  private static final String HEAP = "-Xmx20m";

  @TempDir Path scratch;

  @Test
  void aLoadTakesTheSameMemoryHoweverLongAndMixedUpItIs() throws Exception {
    List<String> lines = run();
    String rows = "the table has " + LoadInLittleMemory.ROWS + " rows in ";
    assertThat(lines).hasSize(3);
    String all = lines.get(0);
    assertThat(all).startsWith("all: loaded " + LoadInLittleMemory.ROWS + "; " + rows);
    String segments = all.substring(all.indexOf(rows));
    assertThat(lines.get(1))
        .isEqualTo(
            "twice: duplicate "
                + hex(LoadInLittleMemory.ROWS + LoadInLittleMemory.STRIDE)
                + "; "
                + segments);
    assertThat(lines.get(2))
        .isEqualTo("there: duplicate " + hex(LoadInLittleMemory.STRIDE) + "; " + segments);
  }

  private static String hex(long key) {
    return HexFormat.of().formatHex(Harness.key(key));
  }

  private List<String> run() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LoadInLittleMemory.class.getName(),
                scratch.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(240, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(out).isZero();
      return out.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
