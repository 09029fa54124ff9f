package dev.sheaf.cli.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.sheaf.columnar.text.TextFormat;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.SqlType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One array of objects. Integers, booleans and finite floats are JSON's own; DECIMAL is a number
 * with all its digits; all else is the SQL text as a string. Streams.
 */
final class JsonPrinter implements ResultPrinter {
  private final PrintWriter out;
  private final TextFormat format;
  private final JsonGenerator json;
  private List<Field> fields = List.of();
  private boolean begun;

  JsonPrinter(PrintWriter out, TextFormat format) {
    this.out = out;
    this.format = format;
    try {
      json = new JsonFactory().createGenerator(out);
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      var pretty = new DefaultPrettyPrinter();
      pretty.indentArraysWith(new com.fasterxml.jackson.core.util.DefaultIndenter(" ", "\n"));
      pretty.indentObjectsWith(new DefaultPrettyPrinter.FixedSpaceIndenter());
      json.setPrettyPrinter(pretty);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void fields(List<Field> newFields) {
    fields = newFields;
    begun = true;
    write(json::writeStartArray);
  }

  @Override
  public void batch(Batch batch) {
    write(() -> {
      for (int i = 0; i < batch.selected(); i++) {
        json.writeStartObject();
        for (int c = 0; c < fields.size(); c++) {
          json.writeFieldName(fields.get(c).name());
          value(batch.column(c).value(batch.row(i)), fields.get(c).type());
        }
        json.writeEndObject();
      }
    });
  }

  private void value(@org.jspecify.annotations.Nullable Object value, SqlType type)
      throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Boolean b -> json.writeBoolean(b);
      case Double d when Double.isFinite(d) -> json.writeNumber(format.format(d, type));
      default -> {
        String text = format.format(value, type);
        if (type.isNumeric() && !(value instanceof Double)) {
          json.writeNumber(text);
        } else {
          json.writeString(text);
        }
      }
    }
  }

  @Override
  public void finish() {
    if (begun) {
      write(() -> {
        json.writeEndArray();
        json.flush();
      });
      out.println();
    }
    out.flush();
  }

  private interface JsonAction {
    void run() throws IOException;
  }

  private static void write(JsonAction action) {
    try {
      action.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
