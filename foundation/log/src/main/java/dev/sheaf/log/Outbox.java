package dev.sheaf.log;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import java.util.ArrayList;
import java.util.List;

/**
 * What one step of a proposer wants done, in order. Requests carry its term and its candidate's
 * number; a follower that is sent one is busy from then on. Not thread-safe.
 */
final class Outbox {
  private final Term term;
  private final long candidate;
  private final List<ProposerEffect> effects = new ArrayList<>();

  Outbox(Term term, long candidate) {
    this.term = term;
    this.candidate = candidate;
  }

  void add(ProposerEffect effect) {
    effects.add(effect);
  }

  List<ProposerEffect> drain() {
    List<ProposerEffect> drained = List.copyOf(effects);
    effects.clear();
    return drained;
  }

  void retryLater(Follower follower) {
    effects.add(new ProposerEffect.RetryLater(follower.node));
  }

  void fetch(NodeId donor, Follower reader, Lsn end) {
    reader.occupy();
    effects.add(new ProposerEffect.Fetch(donor, reader.node, reader.flush(), end));
  }

  void vote(Follower to, Configuration configuration) {
    send(to, new Request.Vote(term, candidate, configuration));
  }

  void elected(
      Follower to, Configuration configuration, Lsn at, Lsn logStart, TermHistory history) {
    send(to, new Request.Elected(term, candidate, configuration, at, logStart, history));
  }

  void append(Follower to, Configuration configuration, byte[] frames, Lsn commit) {
    long generation = configuration.generation();
    send(to, new Request.Append(term, candidate, generation, to.flush(), frames, commit));
  }

  void forget(Follower to, Configuration configuration, Lsn commit, Lsn below) {
    send(to, new Request.Forget(term, candidate, configuration.generation(), commit, below));
  }

  void configure(Follower to, Configuration configuration) {
    send(to, new Request.Configure(term, candidate, configuration));
  }

  void retire(Follower to, Configuration configuration) {
    send(to, new Request.Retire(term, candidate, configuration));
  }

  private void send(Follower to, Request request) {
    to.occupy();
    effects.add(new ProposerEffect.Send(to.node, request));
  }
}
