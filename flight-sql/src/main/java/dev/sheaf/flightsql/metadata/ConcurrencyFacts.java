package dev.sheaf.flightsql.metadata;

import java.util.List;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedResultSetConcurrency;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.DenseUnionVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.holders.NullableIntHolder;
import org.apache.arrow.vector.ipc.message.IpcOption;

/**
 * Adds the facts that Arrow's builder forgot (568 to 571, concurrency by kind of result set) to its
 * answer on the way out. Serves one answer.
 */
final class ConcurrencyFacts implements ServerStreamListener {
  private static final List<SqlInfo> FORGOTTEN =
      List.of(
          SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_UNSPECIFIED,
          SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY,
          SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_SENSITIVE,
          SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_INSENSITIVE);

  private static final byte BITMASK = 3;
  private static final int READ_ONLY =
      1 << SqlSupportedResultSetConcurrency.SQL_RESULT_SET_CONCURRENCY_READ_ONLY_VALUE;

  private final ServerStreamListener out;
  private final List<Integer> wanted;

  /**
   * @param wanted numbers of the forgotten facts to add
   */
  ConcurrencyFacts(ServerStreamListener out, List<Integer> wanted) {
    this.out = out;
    this.wanted = wanted;
  }

  static boolean isForgotten(int id) {
    return FORGOTTEN.stream().anyMatch(fact -> fact.getNumber() == id);
  }

  @Override
  public void start(VectorSchemaRoot root, DictionaryProvider dictionaries, IpcOption option) {
    int row = root.getRowCount();
    var names = (UInt4Vector) root.getVector("info_name");
    var values = (DenseUnionVector) root.getVector("value");
    var holder = new NullableIntHolder();
    holder.isSet = 1;
    for (int id : wanted) {
      boolean forward = id == SqlInfo.SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY_VALUE;
      names.setSafe(row, id);
      values.setTypeId(row, BITMASK);
      holder.value = forward ? READ_ONLY : 0;
      values.setSafe(row, holder);
      row++;
    }
    root.setRowCount(row);
    out.start(root, dictionaries, option);
  }

  @Override
  public boolean isCancelled() {
    return out.isCancelled();
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    out.setOnCancelHandler(handler);
  }

  @Override
  public boolean isReady() {
    return out.isReady();
  }

  @Override
  public void putNext() {
    out.putNext();
  }

  @Override
  public void putNext(ArrowBuf metadata) {
    out.putNext(metadata);
  }

  @Override
  public void putMetadata(ArrowBuf metadata) {
    out.putMetadata(metadata);
  }

  @Override
  public void error(Throwable error) {
    out.error(error);
  }

  @Override
  public void completed() {
    out.completed();
  }
}
