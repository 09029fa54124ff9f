package dev.sheaf.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Validity;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BytesVec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrintersTest {
  private static final List<Field> FIELDS =
      List.of(
          new Field("id", SqlType.INTEGER, false),
          new Field("price", SqlType.decimal(10, 2), false),
          new Field("name", SqlType.TEXT, true));

  @Test
  void tableAlignsNumbersRightAndShowsNull() {
    assertThat(print(ResultPrinter.Format.table))
        .isEqualTo(
            """
             id | price  | name
            ----+--------+---------
              1 |   0.50 | a "b",c
             20 | -12.34 | NULL
            (2 rows)
            """);
  }

  @Test
  void csvQuotesWhatNeedsIt() {
    assertThat(print(ResultPrinter.Format.csv))
        .isEqualTo("id,price,name\r\n1,0.50,\"a \"\"b\"\",c\"\r\n20,-12.34,\r\n");
  }

  @Test
  void jsonKeepsTypes() {
    assertThat(print(ResultPrinter.Format.json).replaceAll("\\s+", ""))
        .isEqualTo(
            "[{\"id\":1,\"price\":0.50,\"name\":\"a\\\"b\\\",c\"},"
                + "{\"id\":20,\"price\":-12.34,\"name\":null}]");
  }

  private static String print(ResultPrinter.Format format) {
    var text = new StringWriter();
    ResultPrinter printer = Printers.of(format, new PrintWriter(text), false);
    byte[] data = "a \"b\",c".getBytes(StandardCharsets.UTF_8);
    long[] valid = Validity.allValid(2);
    Validity.setNull(valid, 1);
    Vec[] columns = {
      new IntVec(new int[] {1, 20}, null, 2),
      new LongVec(new long[] {50, -1234}, null, 2),
      BytesVec.of(data, new int[] {0, 0}, new int[] {data.length, 0}, valid, 2)
    };
    printer.fields(FIELDS);
    printer.batch(Batch.of(columns, 2));
    printer.finish();
    return text.toString();
  }
}
