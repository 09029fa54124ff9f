package dev.sheaf.compute.session;

import dev.sheaf.columnar.kernel.Vectors;
import dev.sheaf.columnar.vector.Batch;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.compute.transaction.TimeSource;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.type.Field;
import dev.sheaf.protocol.type.PhysicalType;
import dev.sheaf.protocol.type.SqlType;
import dev.sheaf.rpc.sql.SqlSession.SqlResult;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The statements that run on this compute, and how far they are: SHOW STATEMENTS. Each is on the
 * list from before it waits to run until its result is read to the end, so there are no more than
 * callers and open results. Thread-safe.
 */
final class RunningStatements {
  private static final long NANOS_IN_MILLI = 1_000_000;
  private static final double MILLIS_IN_SECOND = 1000;

  /** Of a statement's text. */
  static final int SHOWN_CHARS = 200;

  static final List<Field> FIELDS =
      List.of(
          new Field("id", SqlType.BIGINT, false),
          new Field("user_name", SqlType.TEXT, false),
          new Field("seconds", SqlType.DOUBLE, false),
          new Field("state", SqlType.TEXT, false),
          new Field("rows", SqlType.BIGINT, false),
          new Field("bytes_read", SqlType.BIGINT, true),
          new Field("bytes_total", SqlType.BIGINT, true),
          new Field("fraction", SqlType.DOUBLE, true),
          new Field("text", SqlType.TEXT, false));

  private final TimeSource time;
  private final AtomicLong lastId = new AtomicLong();
  private final Map<Long, Listed> running = new ConcurrentHashMap<>();

  private record Listed(ShardId database, StatementProgress progress) {}

  RunningStatements(TimeSource time) {
    this.time = time;
  }

  /**
   * Puts a statement on the list of its database; closing the answer takes it off.
   *
   * @param database its root shard
   * @param text only the beginning of it is kept, which may hold what users wrote into it
   */
  StatementProgress begin(ShardId database, String user, String text) {
    var progress =
        new StatementProgress(
            lastId.incrementAndGet(),
            user,
            beginning(text),
            time.nanoTime(),
            ended -> running.remove(ended.id()));
    running.put(progress.id(), new Listed(database, progress));
    return progress;
  }

  private static String beginning(String text) {
    if (text.length() <= SHOWN_CHARS) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(SHOWN_CHARS - 1));
    return text.substring(0, splits ? SHOWN_CHARS - 1 : SHOWN_CHARS);
  }

  /** Those of a database, the oldest first, one for each row. */
  SqlResult.Rows rows(ShardId database) {
    long now = time.nanoTime();
    List<@Nullable Object[]> rows =
        running.values().stream()
            .filter(each -> each.database().equals(database))
            .map(Listed::progress)
            .sorted(Comparator.comparingLong(StatementProgress::id))
            .map(each -> row(each, now))
            .toList();
    Vec[] columns = new Vec[FIELDS.size()];
    for (int i = 0; i < columns.length; i++) {
      int column = i;
      PhysicalType type = FIELDS.get(i).type().physical();
      columns[i] = Vectors.of(type, rows.stream().map(row -> row[column]).toArray());
    }
    return new SqlResult.Rows(FIELDS, ResultRows.of(List.of(Batch.of(columns, rows.size()))));
  }

  private static @Nullable Object[] row(StatementProgress each, long now) {
    return new @Nullable Object[] {
      each.id(),
      text(each.user()),
      (now - each.startNanos()) / NANOS_IN_MILLI / MILLIS_IN_SECOND,
      text(each.state().name().toLowerCase(Locale.ROOT)),
      each.rows(),
      each.bytesRead(),
      each.bytesTotal(),
      each.fraction(),
      text(each.text())
    };
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
