package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * An {@link Acceptor} over a disk that forgets what was not synced: decisions wait in order, and
 * their replies with them, until {@link #sync}; a crash drops the rest.
 */
final class SimulatedAcceptor {
  private record Waiting(Acceptor.Decision decision, Consumer<Reply> reply) {}

  final NodeId node;
  private AcceptorState durable = AcceptorState.NEW;
  private final TreeMap<Lsn, byte[]> records = new TreeMap<>();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private long incarnation = 1;
  private Acceptor acceptor = new Acceptor(incarnation, durable);

  SimulatedAcceptor(NodeId node) {
    this.node = node;
  }

  /** The disk is gone; a new and empty one takes its place. */
  void wipe() {
    waiting.clear();
    records.clear();
    durable = AcceptorState.NEW;
    acceptor = new Acceptor(++incarnation, durable);
  }

  Member member() {
    return new Member(node, incarnation);
  }

  void receive(Request request, Consumer<Reply> reply) {
    waiting.add(new Waiting(acceptor.on(request), reply));
  }

  /** Makes the oldest {@code count} decisions durable and releases their replies. */
  void sync(int count) {
    for (int i = 0; i < count && !waiting.isEmpty(); i++) {
      Waiting next = waiting.poll();
      next.decision.changes().forEach(this::store);
      next.reply.accept(next.decision.reply());
    }
  }

  /** Whether decisions wait for the disk. */
  boolean isBusy() {
    return !waiting.isEmpty();
  }

  void syncAll() {
    sync(waiting.size());
  }

  /** {@code persisted} unacknowledged decisions happen to have reached the disk. */
  void crash(int persisted) {
    for (int i = 0; i < persisted && !waiting.isEmpty(); i++) {
      waiting.poll().decision.changes().forEach(this::store);
    }
    waiting.clear();
    acceptor = new Acceptor(incarnation, durable);
  }

  private void store(Change change) {
    switch (change) {
      case Change.Save(AcceptorState state) -> {
        durable = state;
        records.tailMap(state.end(), true).clear();
        records.headMap(state.start(), false).clear();
      }
      case Change.Write(Lsn begin, byte[] frames, Lsn commit) -> {
        RecordFrame.forEach(begin, frames, (start, end, payload) -> records.put(start, payload));
        durable = durable.withEnd(begin.plus(frames.length), commit);
      }
    }
  }

  AcceptorState durable() {
    return durable;
  }

  /** Durable records by LSN. */
  TreeMap<Lsn, byte[]> records() {
    return records;
  }

  boolean isReadableBy(Term term) {
    return acceptor.isReadableBy(term);
  }

  /** Durable frames from {@code begin} on, at most {@code maxRecords} and below {@code end}. */
  byte[] read(Lsn begin, Lsn end, int maxRecords) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    records.subMap(begin, end).entrySet().stream()
        .limit(maxRecords)
        .forEach(each -> out.writeBytes(RecordFrame.encode(each.getKey(), each.getValue())));
    return out.toByteArray();
  }
}
