package dev.sheaf.flightsql.stream;

import dev.sheaf.columnar.arrow.ArrowWriter;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.sql.SqlSession.Cancel;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;

/**
 * Writes a result to a client, one batch at a time when the transport has room.
 *
 * <p>Runs on a thread of its own: Flight calls {@code getStream} on the call's serialising
 * executor, where a wait for the ready callback would wait for itself. Serves one stream.
 */
public final class ResultPump {
  /** How often a wait looks whether the statement was cancelled from elsewhere. */
  private static final long LOOK_NANOS = 100_000_000L;

  private final ServerStreamListener listener;
  private final Cancel cancel;
  private final Patience patience;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** To be made on the thread that Flight called, so that no callback is missed. */
  public ResultPump(
      ServerStreamListener listener, Cancel cancel, Patience patience, LongSupplier nanoClock) {
    this.listener = listener;
    this.cancel = cancel;
    this.patience = patience;
    this.nanoClock = nanoClock;
    listener.setOnReadyHandler(this::signal);
    listener.setOnCancelHandler(this::signal);
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends the schema and all batches; does not end the call. */
  public void send(ArrowWriter writer) {
    listener.start(writer.root());
    while (writer.next()) {
      awaitRoom();
      listener.putNext();
    }
  }

  private void awaitRoom() {
    long giveUp = nanoClock.getAsLong() + patience.limit().toNanos();
    lock.lock();
    try {
      while (!listener.isReady()) {
        check();
        if (nanoClock.getAsLong() - giveUp > 0) {
          throw new SheafException(
              ErrorCode.QUERY_CANCELED,
              "canceled: the client has not read for " + patience.limit().toSeconds() + " s");
        }
        long unused = changed.awaitNanos(LOOK_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.ADMIN_SHUTDOWN, "the server is shutting down", e);
    } finally {
      lock.unlock();
    }
    check();
  }

  private void check() {
    if (cancel.isCancelled() || listener.isCancelled()) {
      throw new SheafException(ErrorCode.QUERY_CANCELED, "canceled by the client");
    }
  }
}
