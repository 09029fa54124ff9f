package dev.sheaf.cli.demo;

import dev.sheaf.cli.client.RowTexts;
import dev.sheaf.cli.client.SqlClient;
import io.trino.tpch.TpchTable;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.ipc.ArrowReader;

/** TPC-H: eight generated tables, 22 queries. */
public final class TpchDemo implements Demo {
  private final double scale;

  public TpchDemo(double scale) {
    this.scale = scale;
  }

  @Override
  public String database() {
    return "tpch";
  }

  @Override
  public void load(SqlClient client, PrintStream out) {
    out.println("Loading TPC-H at scale " + scale);
    for (TpchTable<?> table : TpchSchema.tables()) {
      load(client, table, scale, out);
    }
  }

  /** Creates and fills one table; rows loaded. */
  public static long load(SqlClient client, TpchTable<?> table, double scale, PrintStream out) {
    client.execute(TpchSchema.createTable(table), new RowTexts(new ArrayList<>()));
    var bar = new ProgressBar(out, table.getTableName(), TpchSchema.estimatedRows(table, scale));
    try (ArrowReader rows = TpchReader.of(table, scale, client.allocator(), bar::at)) {
      long loaded = client.ingest(table.getTableName(), rows);
      bar.done(loaded);
      return loaded;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<Question> questions() {
    List<Question> questions = new ArrayList<>();
    for (int q = 1; q <= TpchQueries.COUNT; q++) {
      questions.add(new Question("Q" + q, TpchQueries.text(q, scale)));
    }
    return questions;
  }
}
