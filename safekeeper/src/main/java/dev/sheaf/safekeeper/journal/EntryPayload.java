package dev.sheaf.safekeeper.journal;

import dev.sheaf.log.AcceptorState;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.TermHistory;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What the entries of a journal say about logs.
 *
 * <pre>
 * RECORDS, MOVED            STATE
 * log       text, varint    log        text, varint    database id, shard number
 * begin     u64   LSN       promised   u64             term
 * commit    u64   LSN       candidate  u64
 * frames    to the end      start      u64 LSN         records below are forgotten
 *                           end        u64 LSN         records from here on are cut off
 *                           commit     u64 LSN
 *                           generation u64             of the configuration
 *                           members    varint n, n x (node text, incarnation u64)
 *                           newMembers varint n, n x (node text, incarnation u64)
 *                           history    varint n, n x (term u64, start u64)
 * </pre>
 *
 * CONTROL is STATE as files of version 1 have it: without the members' incarnations.
 */
final class EntryPayload {

  /**
   * @param framesOffset where the frames begin in the payload
   */
  record Records(ShardId log, Lsn begin, Lsn commit, int framesOffset, int framesBytes) {
    Lsn end() {
      return begin.plus(framesBytes);
    }
  }

  record Control(ShardId log, AcceptorState state) {}

  private EntryPayload() {}

  /** What goes before the frames. */
  static byte[] recordsPrefix(ShardId log, Lsn begin, Lsn commit) {
    return log(new ByteWriter(64), log).u64(begin.value()).u64(commit.value()).toByteArray();
  }

  static byte[] records(byte[] prefix, byte[] frames) {
    return new ByteWriter(prefix.length + frames.length).raw(prefix).raw(frames).toByteArray();
  }

  static Records decodeRecords(String source, byte[] file, int from, int to) {
    ByteReader in = new ByteReader(source, file, from, to);
    ShardId log = log(in);
    Lsn begin = new Lsn(in.u64());
    Lsn commit = new Lsn(in.u64());
    return new Records(log, begin, commit, to - from - in.remaining(), in.remaining());
  }

  static byte[] control(ShardId log, AcceptorState state) {
    ByteWriter out = log(new ByteWriter(128), log);
    out.u64(state.promised().value()).u64(state.candidate());
    out.u64(state.start().value()).u64(state.end().value()).u64(state.commit().value());
    out.u64(state.configuration().generation());
    members(out, state.configuration().members());
    members(out, state.configuration().newMembers());
    out.varint(state.history().entries().size());
    for (TermHistory.Entry entry : state.history().entries()) {
      out.u64(entry.term().value()).u64(entry.start().value());
    }
    return out.toByteArray();
  }

  /**
   * @param incarnations whether the members are written with them
   */
  static Control decodeControl(String source, byte[] file, int from, int to, boolean incarnations) {
    ByteReader in = new ByteReader(source, file, from, to);
    ShardId log = log(in);
    Term promised = new Term(in.u64());
    long candidate = in.u64();
    Lsn start = new Lsn(in.u64());
    Lsn end = new Lsn(in.u64());
    Lsn commit = new Lsn(in.u64());
    Configuration configuration =
        new Configuration(in.u64(), members(in, incarnations), members(in, incarnations));
    int terms = in.count(16);
    List<TermHistory.Entry> entries = new ArrayList<>(terms);
    for (int i = 0; i < terms; i++) {
      entries.add(new TermHistory.Entry(new Term(in.u64()), new Lsn(in.u64())));
    }
    in.end();
    TermHistory history = new TermHistory(entries);
    return new Control(
        log, new AcceptorState(promised, candidate, configuration, history, start, end, commit));
  }

  private static ByteWriter log(ByteWriter out, ShardId log) {
    return out.text(log.database().value()).varint(log.number());
  }

  private static ShardId log(ByteReader in) {
    return new ShardId(new DatabaseId(in.text()), Math.toIntExact(in.varint()));
  }

  private static void members(ByteWriter out, List<Member> members) {
    out.varint(members.size());
    members.forEach(member -> out.text(member.node().value()).u64(member.incarnation()));
  }

  private static List<Member> members(ByteReader in, boolean incarnations) {
    int count = in.count(1);
    List<Member> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      NodeId node = new NodeId(in.text());
      members.add(new Member(node, incarnations ? in.u64() : Member.NOT_ADMITTED));
    }
    return members;
  }
}
