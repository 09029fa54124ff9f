package dev.sheaf.rpc.log.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.log.Reply;
import dev.sheaf.log.Request;
import dev.sheaf.log.TermHistory;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.log.Append;
import dev.sheaf.protocol.proto.log.Configure;
import dev.sheaf.protocol.proto.log.Elected;
import dev.sheaf.protocol.proto.log.Forget;
import dev.sheaf.protocol.proto.log.LogAnswer;
import dev.sheaf.protocol.proto.log.LogCall;
import dev.sheaf.protocol.proto.log.LogName;
import dev.sheaf.protocol.proto.log.ReadCall;
import dev.sheaf.protocol.proto.log.Refused;
import dev.sheaf.protocol.proto.log.Retire;
import dev.sheaf.protocol.proto.log.Standing;
import dev.sheaf.protocol.proto.log.Synced;
import dev.sheaf.protocol.proto.log.TermStart;
import dev.sheaf.protocol.proto.log.Vote;
import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.log.SafekeeperService.ReadRange;
import java.util.List;

/**
 * The log protocol's records as messages and back. What arrives is checked by the records'
 * constructors; a message that names nothing is 08P01.
 */
final class LogMessages {
  private LogMessages() {}

  static LogCall.Builder call(ShardId log, Request request) {
    LogCall.Builder call =
        LogCall.newBuilder()
            .setLog(name(log))
            .setTerm(request.term().value())
            .setCandidate(request.candidate());
    switch (request) {
      case Request.Vote vote ->
          call.setVote(Vote.newBuilder().setConfiguration(configuration(vote.configuration())));
      case Request.Elected elected ->
          call.setElected(
              Elected.newBuilder()
                  .setConfiguration(configuration(elected.configuration()))
                  .setAt(elected.at().value())
                  .setLogStart(elected.logStart().value())
                  .addAllHistory(history(elected.history())));
      case Request.Append append ->
          call.setAppend(
              Append.newBuilder()
                  .setGeneration(append.generation())
                  .setBegin(append.begin().value())
                  .setFrames(bytes(append.frames()))
                  .setCommit(append.commit().value()));
      case Request.Forget forget ->
          call.setForget(
              Forget.newBuilder()
                  .setGeneration(forget.generation())
                  .setCommit(forget.commit().value())
                  .setBelow(forget.below().value()));
      case Request.Configure configure ->
          call.setConfigure(
              Configure.newBuilder().setConfiguration(configuration(configure.configuration())));
      case Request.Retire retire ->
          call.setRetire(
              Retire.newBuilder().setConfiguration(configuration(retire.configuration())));
    }
    return call;
  }

  static Request request(LogCall call) {
    Term term = new Term(call.getTerm());
    long candidate = call.getCandidate();
    return switch (call.getRequestCase()) {
      case VOTE ->
          new Request.Vote(term, candidate, configuration(call.getVote().getConfiguration()));
      case ELECTED -> {
        Elected elected = call.getElected();
        yield new Request.Elected(
            term,
            candidate,
            configuration(elected.getConfiguration()),
            new Lsn(elected.getAt()),
            new Lsn(elected.getLogStart()),
            history(elected.getHistoryList()));
      }
      case APPEND -> {
        Append append = call.getAppend();
        yield new Request.Append(
            term,
            candidate,
            append.getGeneration(),
            new Lsn(append.getBegin()),
            append.getFrames().toByteArray(),
            new Lsn(append.getCommit()));
      }
      case FORGET -> {
        Forget forget = call.getForget();
        yield new Request.Forget(
            term,
            candidate,
            forget.getGeneration(),
            new Lsn(forget.getCommit()),
            new Lsn(forget.getBelow()));
      }
      case CONFIGURE ->
          new Request.Configure(
              term, candidate, configuration(call.getConfigure().getConfiguration()));
      case RETIRE ->
          new Request.Retire(term, candidate, configuration(call.getRetire().getConfiguration()));
      case REQUEST_NOT_SET -> throw notUnderstood();
    };
  }

  static LogAnswer.Builder answer(Reply reply) {
    return switch (reply) {
      case Reply.Standing standing ->
          LogAnswer.newBuilder()
              .setStanding(
                  Standing.newBuilder()
                      .setPromised(standing.promised().value())
                      .setCandidate(standing.candidate())
                      .setIncarnation(standing.incarnation())
                      .setFlush(standing.flush().value())
                      .setStart(standing.start().value())
                      .addAllHistory(history(standing.history())));
      case Reply.Synced synced ->
          LogAnswer.newBuilder()
              .setSynced(
                  Synced.newBuilder()
                      .setTerm(synced.term().value())
                      .setIncarnation(synced.incarnation())
                      .setGeneration(synced.generation())
                      .setFlush(synced.flush().value())
                      .setStart(synced.start().value()));
      case Reply.Refused refused ->
          LogAnswer.newBuilder()
              .setRefused(
                  Refused.newBuilder()
                      .setPromised(refused.promised().value())
                      .setCandidate(refused.candidate())
                      .setGeneration(refused.generation()));
    };
  }

  static Reply reply(LogAnswer answer) {
    return switch (answer.getAnswerCase()) {
      case STANDING -> {
        Standing standing = answer.getStanding();
        yield new Reply.Standing(
            new Term(standing.getPromised()),
            standing.getCandidate(),
            standing.getIncarnation(),
            new Lsn(standing.getFlush()),
            new Lsn(standing.getStart()),
            history(standing.getHistoryList()));
      }
      case SYNCED -> {
        Synced synced = answer.getSynced();
        yield new Reply.Synced(
            new Term(synced.getTerm()),
            synced.getIncarnation(),
            synced.getGeneration(),
            new Lsn(synced.getFlush()),
            new Lsn(synced.getStart()));
      }
      case REFUSED -> {
        Refused refused = answer.getRefused();
        yield new Reply.Refused(
            new Term(refused.getPromised()), refused.getCandidate(), refused.getGeneration());
      }
      case FAILURE -> throw Failures.toException(answer.getFailure());
      case ANSWER_NOT_SET -> throw notUnderstood();
    };
  }

  static ReadCall read(ShardId log, ReadRange range) {
    return ReadCall.newBuilder()
        .setLog(name(log))
        .setTerm(range.term().value())
        .setBegin(range.begin().value())
        .setEnd(range.end().value())
        .setMaxBytes(range.maxBytes())
        .build();
  }

  static ReadRange range(ReadCall call) {
    return new ReadRange(
        new Term(call.getTerm()),
        new Lsn(call.getBegin()),
        new Lsn(call.getEnd()),
        call.getMaxBytes());
  }

  static ShardId log(LogName name) {
    return new ShardId(new DatabaseId(name.getDatabase()), name.getShard());
  }

  /** The array is not copied: neither side changes it afterwards. */
  static ByteString bytes(byte[] bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  private static LogName name(ShardId log) {
    return LogName.newBuilder().setDatabase(log.database().value()).setShard(log.number()).build();
  }

  private static dev.sheaf.protocol.proto.log.Configuration configuration(
      Configuration configuration) {
    return dev.sheaf.protocol.proto.log.Configuration.newBuilder()
        .setGeneration(configuration.generation())
        .addAllMembers(configuration.members().stream().map(LogMessages::member).toList())
        .addAllNewMembers(configuration.newMembers().stream().map(LogMessages::member).toList())
        .build();
  }

  private static Configuration configuration(
      dev.sheaf.protocol.proto.log.Configuration configuration) {
    return new Configuration(
        configuration.getGeneration(),
        configuration.getMembersList().stream().map(LogMessages::member).toList(),
        configuration.getNewMembersList().stream().map(LogMessages::member).toList());
  }

  private static dev.sheaf.protocol.proto.log.Member member(Member member) {
    return dev.sheaf.protocol.proto.log.Member.newBuilder()
        .setNode(member.node().value())
        .setIncarnation(member.incarnation())
        .build();
  }

  private static Member member(dev.sheaf.protocol.proto.log.Member member) {
    return new Member(new NodeId(member.getNode()), member.getIncarnation());
  }

  private static List<TermStart> history(TermHistory history) {
    return history.entries().stream()
        .map(entry ->
            TermStart.newBuilder()
                .setTerm(entry.term().value())
                .setStart(entry.start().value())
                .build())
        .toList();
  }

  private static TermHistory history(List<TermStart> entries) {
    return new TermHistory(
        entries.stream()
            .map(entry ->
                new TermHistory.Entry(new Term(entry.getTerm()), new Lsn(entry.getStart())))
            .toList());
  }

  private static SheafException notUnderstood() {
    return Failures.notUnderstood("a message of the log");
  }
}
