package dev.sheaf.compute.session;

import java.nio.file.*;
import org.junit.jupiter.api.Test;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import dev.sheaf.protocol.error.SheafException;

class FuzzTmpTest {
  @Test
  void run() throws Exception {
    var script = new SqlScript();
    var s = script.session("a");
    int bad = 0, n = 0;
    long t0 = System.nanoTime();
    for (String line : Files.readAllLines(Path.of("/tmp/fuzz/f.txt"))) {
      int arrow = line.lastIndexOf(" => ");
      String sql = line.substring(3, arrow);
      String expected = line.substring(arrow + 4).strip();
      String actual;
      try {
        actual = SqlScript.text(s.execute(sql, null, Cancel.NEVER));
      } catch (SheafException e) {
        actual = "!" + e.sqlState() + " " + e.message();
        if (e.sqlState().startsWith("XX")) { java.io.StringWriter w = new java.io.StringWriter(); e.printStackTrace(new java.io.PrintWriter(w)); actual += w.toString().lines().filter(l -> l.contains("Caused") || l.contains("sheaf.compute.plan") || l.contains("calcite")).limit(40).collect(java.util.stream.Collectors.joining("\n")); }
      } catch (Throwable e) { actual = "!!" + e; }
      n++;
      if (expected.equals("ok")) { if (actual.startsWith("!")) System.out.println("SETUP " + actual + sql); continue; }
      if (!actual.equals(expected)) { bad++; System.out.println("BAD " + sql + "\n  exp " + expected + "\n  got " + actual); }
    }
    System.out.println("RAN " + n + " bad " + bad + " ms " + (System.nanoTime() - t0) / 1000000);
  }
}
