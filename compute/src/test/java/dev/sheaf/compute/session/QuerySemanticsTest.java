package dev.sheaf.compute.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random queries over small tables full of NULLs and duplicates (subqueries of every form, outer
 * joins, set operations; window functions over every kind of frame, and what is refused of them),
 * with the answers that PostgreSQL 15 gave.
 */
class QuerySemanticsTest {
  @ParameterizedTest
  @ValueSource(strings = {"subqueries", "windows"})
  void answersAsPostgresDoes(String queries) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/sql/" + queries + ".txt");
        var script = new SqlScript()) {
      script.run(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
