package dev.sheaf.bench;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/** From the start of the server's process to its first answer, and its memory when idle. */
final class StartBench {
  private final int runs;
  private final PrintStream out;

  StartBench(int runs, PrintStream out) {
    this.runs = runs;
    this.out = out;
  }

  void run() throws IOException, InterruptedException {
    double[] ready = new double[runs];
    double[] answered = new double[runs];
    double[] megabytes = new double[runs];
    for (int r = 0; r < runs; r++) {
      long start = System.nanoTime();
      try (SheafPeer server = new SheafPeer("2g")) {
        ready[r] = (System.nanoTime() - start) / 1e6;
        try (SqlClient client = server.client()) {
          client.execute("SELECT 1", new RowTexts(new ArrayList<>()));
        }
        answered[r] = (System.nanoTime() - start) / 1e6;
        Thread.sleep(2_000);
        megabytes[r] = residentMegabytes(server.pid());
      }
    }
    out.printf(
        "| start, ms median [min-max] of %d | |%n|---|---|%n"
            + "| process start to ready and a database created | %s |%n"
            + "| process start to the first SELECT answered | %s |%n"
            + "| resident memory when idle, MB | %s |%n",
        runs,
        Sample.of(ready).spread(),
        Sample.of(answered).spread(),
        Sample.of(megabytes).spread());
  }

  private static double residentMegabytes(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    return Double.NaN;
  }
}
