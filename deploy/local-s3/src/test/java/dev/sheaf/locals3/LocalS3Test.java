package dev.sheaf.locals3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalS3Test {
  private static final String[] KEYS = {"--access-key", "a", "--secret-key", "s"};

  @TempDir Path folder;

  @Test
  void saysWhatIsWrong() {
    Map.of(
            new String[] {},
            "--data is missing",
            new String[] {"--data"},
            "--data has no value",
            new String[] {"--dta", "x"},
            "'--dta'",
            new String[] {"--data", "x", "--port", "65536", "--access-key", "a"},
            "'65536'",
            new String[] {"--data", "x", "--bucket", "B", "--access-key", "a"},
            "'B'",
            new String[] {"--data", "x", "--access-key", "a"},
            "--secret-key is missing")
        .forEach((arguments, message) ->
            assertThatThrownBy(() -> LocalS3Options.parse(arguments))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message));
  }

  @Test
  void servesABucketToThoseWhoSign() throws IOException {
    var options =
        LocalS3Options.parse(
            "--data", folder.resolve("new").toString(), KEYS[0], KEYS[1], KEYS[2], KEYS[3]);
    try (var server = LocalS3.start(options)) {
      assertThat(Files.isDirectory(folder.resolve("new/sheaf"))).isTrue();
      var request =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + server.port() + "/sheaf").toURL().openConnection();
      assertThat(request.getResponseCode()).as("not signed").isEqualTo(403);

      var taken = new LocalS3Options(server.port(), folder, "sheaf", options.accessKey(), "s");
      assertThatThrownBy(() -> LocalS3.start(taken))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(server.port()));
    }
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> LocalS3.start(new LocalS3Options(0, file, "sheaf", "a", "s")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot use folder '" + file + "'");
  }
}
