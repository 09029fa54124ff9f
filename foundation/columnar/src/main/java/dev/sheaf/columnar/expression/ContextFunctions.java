package dev.sheaf.columnar.expression;

import dev.sheaf.columnar.expression.RowFunction.ToBytes;
import dev.sheaf.columnar.kernel.BytesBuilder;
import dev.sheaf.columnar.text.ZonedMicros;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.protocol.type.SqlType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Functions of the statement rather than of its rows, and random ones. */
final class ContextFunctions {
  private ContextFunctions() {}

  static Evaluator compile(Fn fn, SqlType type, Evaluator[] args, EvaluationContext context) {
    long instant = ZonedMicros.ofInstant(context.now());
    long local = ZonedMicros.toLocal(instant, context.zone());
    return switch (fn) {
      case PI -> new Constant(Math.PI, type);
      case CURRENT_DATE -> new Constant(DateTimeCasts.dayOf(local), type);
      case CURRENT_TIMESTAMP -> new Constant(instant, type);
      case LOCALTIMESTAMP -> new Constant(local, type);
      case CURRENT_TIME -> new Constant(Math.floorMod(local, ZonedMicros.PER_DAY), type);
      case VERSION -> text(context.version(), type);
      case CURRENT_DATABASE -> text(context.database(), type);
      case CURRENT_SCHEMA -> text(context.schema(), type);
      case CURRENT_USER -> text(context.user(), type);
      case RANDOM -> new RandomDoubles(context.random(), type);
      case GEN_RANDOM_UUID -> new RandomUuids(context.random(), type);
      case TRANSACTION_STATUS ->
          RowFunction.of(
              type,
              (ToBytes)
                  (in, i, out) ->
                      out.append(context.transactionStatus().apply(TextFunctions.text(in, 0, i))),
              args);
      default -> throw EvaluationErrors.unsupported(fn, type);
    };
  }

  private static Evaluator text(String value, SqlType type) {
    return new Constant(value.getBytes(StandardCharsets.UTF_8), type);
  }

  private record RandomDoubles(RandomGenerator random, SqlType type) implements Evaluator {
    @Override
    public Vec evaluate(Batch batch) {
      double[] out = new double[batch.rows()];
      for (int k = 0; k < batch.selected(); k++) {
        out[batch.row(k)] = random.nextDouble();
      }
      return new DoubleVec(out, null, out.length);
    }
  }

  /** Version 4, RFC 9562. */
  private record RandomUuids(RandomGenerator random, SqlType type) implements Evaluator {
    @Override
    public Vec evaluate(Batch batch) {
      var out = new BytesBuilder(batch.rows());
      for (int k = 0; k < batch.selected(); k++) {
        long high = (random.nextLong() & ~0xF000L) | 0x4000L;
        long low = (random.nextLong() & ~(3L << 62)) | (1L << 63);
        out.set(batch.row(k), ByteBuffer.allocate(16).putLong(high).putLong(low).array());
      }
      return out.build(null);
    }
  }
}
