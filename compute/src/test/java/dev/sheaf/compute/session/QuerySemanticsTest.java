package dev.sheaf.compute.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * Random queries over small tables full of NULLs and duplicates (subqueries of every form, outer
 * joins, set operations), with the answers that PostgreSQL 15 gave.
 */
class QuerySemanticsTest {
  @Test
  void answersAsPostgresDoes() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/sql/subqueries.txt");
        var script = new SqlScript()) {
      script.run(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
