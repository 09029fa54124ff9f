package dev.sheaf.bench;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;

/**
 * Branches of an empty database and of a large one by turns, then many of the large one: how long
 * the request takes, and how long it takes with the first row of the branch read.
 */
final class BranchBench {
  private static final int EACH = 20;
  private static final int WARM_UP = 10;

  private final SheafPeer server;
  private final long rows;
  private final int many;
  private final PrintStream out;

  /**
   * @param rows of a kilobyte in the large database
   * @param many branches of the large one that are made in the end
   */
  BranchBench(SheafPeer server, long rows, int many, PrintStream out) {
    this.server = server;
    this.rows = rows;
    this.many = many;
    this.out = out;
  }

  void run() throws IOException {
    for (String database : new String[] {"empty", "large"}) {
      server.rest().createDatabase(database);
      try (SqlClient client = server.client(database)) {
        YcsbRows.load(client, database.equals("empty") ? 1 : rows);
      }
    }
    out.printf(
        Locale.ROOT,
        "%,d rows, %,.0f MiB stored%n%n| branch of | until made, ms | until its first row was read, ms |%n|---|---|---|%n",
        rows,
        server.metric("sheaf_store_used_bytes") / (1 << 20));
    double[][] made = new double[2][EACH];
    double[][] read = new double[2][EACH];
    for (int i = -WARM_UP; i < EACH; i++) {
      for (int d = 0; d < 2; d++) {
        long start = System.nanoTime();
        String name = create(d == 0 ? "empty" : "large", "first" + (i + WARM_UP));
        long after = System.nanoTime();
        readOne(name);
        if (i >= 0) {
          made[d][i] = (after - start) / 1e6;
          read[d][i] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    print("the empty database", made[0], read[0]);
    print("the large one", made[1], read[1]);
    double[] last = new double[EACH];
    double[] lastRead = new double[EACH];
    for (int i = EACH + WARM_UP; i < many; i++) {
      long start = System.nanoTime();
      String name = create("large", "more" + i);
      if (i >= many - EACH) {
        last[i - many + EACH] = (System.nanoTime() - start) / 1e6;
        readOne(name);
        lastRead[i - many + EACH] = (System.nanoTime() - start) / 1e6;
      }
    }
    print("the large one, the last of %,d".formatted(many), last, lastRead);
  }

  private String create(String database, String name) {
    server.rest().createBranch(database, name, Optional.empty());
    return database + "@" + name;
  }

  private void readOne(String database) {
    try (SqlClient client = server.client(database)) {
      client.execute(
          "SELECT field0 FROM usertable WHERE ycsb_key = 0", new RowTexts(new ArrayList<>()));
    }
  }

  private void print(String what, double[] made, double[] read) {
    out.printf("| %s | %s | %s |%n", what, Sample.of(made).spread(), Sample.of(read).spread());
  }
}
